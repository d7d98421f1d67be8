namespace MlService.Tests.Amazon;

/// <summary>
/// Amazon's own clients, unmodified, go the whole way of a model, waiters and paginators included: each over the embedded default without keys
/// and over PostgreSQL and S3 with keys, which it signs with; boto3 also the other way round.
/// </summary>
public sealed class ClientTests(JudgedServices services) : IClassFixture<JudgedServices>
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task TheTutorialRunsByTheAwsCli(bool isEmbedded, bool hasKeys)
    {
        Requires.Programs("bash", "aws", "grep");
        await Run("bash", "tutorial.sh", isEmbedded, hasKeys);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task TheTutorialRunsByBoto3(bool isEmbedded, bool hasKeys)
    {
        await ClientScript.RequireBoto3();
        await Run("python3", "tutorial.py", isEmbedded, hasKeys);
    }

    [Theory]
    [InlineData("tutorial-v2.js", "aws-sdk", true, false)]
    [InlineData("tutorial-v2.js", "aws-sdk", false, true)]
    [InlineData("tutorial-v3.mjs", "@aws-sdk/client-machine-learning", true, false)]
    [InlineData("tutorial-v3.mjs", "@aws-sdk/client-machine-learning", false, true)]
    public async Task TheTutorialRunsByTheSdksForJavaScript(string script, string package, bool isEmbedded, bool hasKeys)
    {
        Requires.Programs("node");
        if (!Directory.Exists(Path.Combine(ClientScript.Directory, "node_modules", package)))
            Requires.Missing($"{package} is not installed: npm ci --prefix tests/MlService.Tests/Amazon/clients");
        await Run("node", script, isEmbedded, hasKeys);
    }

    private async Task Run(string program, string script, bool isEmbedded, bool hasKeys)
    {
        var printed = await ClientScript.Run(program, script, await services.Tell(isEmbedded, hasKeys));
        Assert.EndsWith("done", printed.TrimEnd(), StringComparison.Ordinal);
    }
}
