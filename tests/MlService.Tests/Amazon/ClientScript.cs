using System.Diagnostics;

namespace MlService.Tests.Amazon;

/// <summary>Runs a script of <c>clients/</c>, in which one of Amazon's own clients goes the whole way of a model.</summary>
internal static class ClientScript
{
    // The AWS CLI computes for two minutes where it has a processor to itself, and shares two with all other tests.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>The directory of the scripts.</summary>
    public static string Directory { get; } = Find();

    /// <summary>Ends the test where there is no boto3.</summary>
    public static async Task RequireBoto3()
    {
        Requires.Programs("python3");
        if (await Run("python3", "has_boto3.py") != "yes\n")
            Requires.Missing("python3 has no boto3 (Debian: python3-boto3).");
    }

    /// <summary>The Python that a program on the PATH is run by; any where it is no script of Python.</summary>
    public static async Task<string> InterpreterOf(string program)
    {
        using var file = File.OpenText(Requires.Find(program)!);
        return await file.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && line.StartsWith("#!/", StringComparison.Ordinal) && line.EndsWith("python3", StringComparison.Ordinal)
            ? line[2..]
            : "python3";
    }

    /// <summary>Runs a program with a script.</summary>
    /// <param name="program">Its path, or its name on the PATH.</param>
    /// <param name="script">The script.</param>
    /// <param name="environment">Variables of its environment.</param>
    /// <returns>What it prints.</returns>
    public static async Task<string> Run(string program, string script, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Path.IsPathRooted(program) ? program : Requires.Find(program)!)
        {
            WorkingDirectory = Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(script);
        start.Environment["NO_PROXY"] = "127.0.0.1";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

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
            Assert.Fail($"{script} does not end. So far:\n{await output}\n{await errors}");
        }
        Assert.True(process.ExitCode == 0, $"{script} ended with {process.ExitCode}:\n{await output}\n{await errors}");
        return await output;
    }

    private static string Find() => Repository.Path("tests", "MlService.Tests", "Amazon", "clients");
}
