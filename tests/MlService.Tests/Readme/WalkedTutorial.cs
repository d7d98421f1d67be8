namespace MlService.Tests.Readme;

/// <summary>The README's tutorial and the one that continues it, walked once by a reader in one shell, for all tests of a class.</summary>
public sealed class WalkedTutorial : IAsyncLifetime
{
    private const string Mark = "=== here the README ends ===";

    private readonly RunningService _service = new();
    private readonly Shell _shell = new();
    private Task<(string First, string Second)>? _walk;

    public HttpClient Client => _service.Client;

    /// <summary>Walks it, at the first call.</summary>
    /// <returns>What the commands of the two pages printed.</returns>
    internal Task<(string First, string Second)> Walk() => _walk ??= Run();

    /// <summary>A file that the commands left.</summary>
    internal string Read(string file) => _shell.Read(file);

    public ValueTask InitializeAsync() => _service.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _service.DisposeAsync();
    }

    private async Task<(string First, string Second)> Run()
    {
        await Client.HasSamples();
        var script = $"{Page.Open("README.md").Script}\necho '{Mark}'\n{Page.Open("docs/tutorial.md").Script}";
        var parts = (await _shell.Run(script, _service.Address)).Split(Mark);
        return (parts[0], parts[1]);
    }
}
