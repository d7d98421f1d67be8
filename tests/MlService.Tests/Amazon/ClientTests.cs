namespace MlService.Tests.Amazon;

/// <summary>
/// Amazon's own clients, unmodified, go the whole way of a model, waiters and paginators included: over the embedded default
/// without keys, and over PostgreSQL and S3 with keys, which they sign with. A client goes its ways at the same time.
/// </summary>
public sealed class ClientTests(JudgedServices services) : IClassFixture<JudgedServices>
{
    [Fact, LongProof]
    public async Task TheTutorialRunsByTheAwsCli()
    {
        Requires.Programs("aws", "python3");
        await Run(await ClientScript.InterpreterOf("aws"), "tutorial_cli.py");
    }

    [Fact]
    public async Task TheTutorialRunsByBoto3()
    {
        await ClientScript.RequireBoto3();
        await Run("python3", "tutorial.py");
    }

    [Theory]
    [InlineData("tutorial-v2.js", "aws-sdk")]
    [InlineData("tutorial-v3.mjs", "@aws-sdk/client-machine-learning")]
    public async Task TheTutorialRunsByTheSdksForJavaScript(string script, string package)
    {
        Requires.Programs("node");
        if (!Directory.Exists(Path.Combine(ClientScript.Directory, "node_modules", package)))
            Requires.Missing($"{package} is not installed: npm ci --prefix tests/MlService.Tests/Amazon/clients");
        await Run("node", script);
    }

    private Task Run(string program, string script) => Task.WhenAll(JudgedServices.Modes.Select(async mode =>
    {
        var printed = await ClientScript.Run(program, script, await services.Tell(mode));
        Assert.True(printed.TrimEnd().EndsWith("done", StringComparison.Ordinal), $"{mode}: {printed}");
    }));
}
