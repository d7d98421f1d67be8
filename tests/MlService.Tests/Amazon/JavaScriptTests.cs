namespace MlService.Tests.Amazon;

/// <summary>Both generations of the AWS SDK for JavaScript go the whole way.</summary>
public sealed class JavaScriptTests(RunningService service) : IClassFixture<RunningService>
{
    [Theory]
    [InlineData("tutorial-v2.js", "aws-sdk")]
    [InlineData("tutorial-v3.mjs", "@aws-sdk/client-machine-learning")]
    public async Task TheTutorialRunsByTheSdkForJavaScript(string script, string package)
    {
        Requires.Programs("node");
        if (!Directory.Exists(Path.Combine(ClientScript.Directory, "node_modules", package)))
            Requires.Missing($"{package} is not installed: npm ci --prefix tests/MlService.Tests/Amazon/clients");
        await ClientScript.Tutorial(service.Client, "node", script);
    }
}
