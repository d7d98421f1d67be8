namespace MlService.Tests.Amazon;

/// <summary>The AWS CLI goes the whole way.</summary>
public sealed class AwsCliTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task TheTutorialRunsByTheAwsCli()
    {
        Requires.Programs("bash", "aws", "grep");
        await ClientScript.Tutorial(service.Client, "bash", "tutorial.sh");
    }
}
