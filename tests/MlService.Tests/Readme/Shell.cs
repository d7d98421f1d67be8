using System.Diagnostics;

namespace MlService.Tests.Readme;

/// <summary>Runs the documentation's commands as a reader would: bash, in an empty directory, against a running service.</summary>
internal sealed class Shell : IDisposable
{
    private const string DocumentedAddress = "http://127.0.0.1:5080";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The directory that the commands work in.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("mlservice-shell-").FullName;

    /// <summary>Runs a script that must succeed in every command.</summary>
    /// <param name="script">Commands for the documented address.</param>
    /// <param name="service">The service to send them to instead.</param>
    /// <returns>What they print, with the documented address in it again.</returns>
    public async Task<string> Run(string script, Uri service)
    {
        Requires.Programs("bash", "curl", "grep", "sed", "gunzip");
        var address = service.ToString().TrimEnd('/');
        var start = new ProcessStartInfo(Requires.Find("bash")!)
        {
            WorkingDirectory = Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("-euo");
        start.ArgumentList.Add("pipefail");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script.Replace(DocumentedAddress, address, StringComparison.Ordinal));
        start.Environment["NO_PROXY"] = "127.0.0.1";

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The commands do not end. So far:\n{await output}\n{await errors}");
        }

        var printed = await output;
        Assert.True(process.ExitCode == 0, $"The commands ended with {process.ExitCode}:\n{Tail(printed)}\n{await errors}");
        return printed.Replace(address, DocumentedAddress, StringComparison.Ordinal);
    }

    public string Read(string file) => File.ReadAllText(Path.Combine(Directory, file));

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    private static string Tail(string text) => text.Length <= 4000 ? text : "…" + text[^4000..];
}
