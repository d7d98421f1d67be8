using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MlService.Access;
using MlService.Samples;

namespace MlService.Tests.Readme;

/// <summary>The commands of README.md, run as they stand there, and what it says that they print.</summary>
public sealed partial class ReadmeTests(RunningService service) : IClassFixture<RunningService>
{
    private static readonly Page Readme = Page.Open("README.md");

    [Fact]
    public async Task TheTutorialLeadsFromAFileOfOnesOwnToPredictionsForTheBestThreePercent()
    {
        await service.Client.HasSamples();
        using var shell = new Shell();
        var printed = await shell.Run(Readme.Script, service.Address);

        var aucs = Auc().Matches(printed).Select(match => Number(match.Groups[1].Value)).ToList();
        Assert.Equal(2, aucs.Count);
        Assert.All(aucs, auc => Assert.InRange(auc, 0.92, 0.96));

        var report = JsonNode.Parse(shell.Read("top3.json"))!;
        Assert.InRange((double)report["positiveShare"]!, 0.029, 0.031);
        var model = await service.Client.Get("/v1/models/will-buy");
        Assert.Equal((double)report["threshold"]!, (double)model["scoreThreshold"]!);
        var attributes = (await service.Client.Get("/v1/datasources/customers"))["schema"]!["attributes"]!.AsArray();
        Assert.Equal("CATEGORICAL", (string?)attributes.Single(attribute => (string?)attribute!["attributeName"] == "pdays")!["attributeType"]);

        var results = shell.Read("calls.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("bestAnswer,score", results[0]);
        Assert.Equal(BankingSample.Batch.Rows + 1, results.Length);
        var positive = results.Count(line => line.StartsWith("1,", StringComparison.Ordinal));
        Assert.InRange(positive / (double)BankingSample.Batch.Rows, 0.02, 0.045);
        Assert.Contains("""{"s3://mine/new-customers.csv":"s3://mine/results/batch-prediction/result/calls-new-customers.csv.gz"}""", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTutorialNeedsNoMoreThanItsReaderHas() =>
        Assert.Empty(Command().Matches(Readme.Script).Select(match => match.Groups[1].Value).Distinct()
            .Except(["curl", "grep", "sed", "gunzip", "finished", "until", "do", "done"]));

    [Fact]
    public void TheTwoCommandsStandOnLinesOfTheirOwn()
    {
        var commands = Readme.Blocks("sh").Select(block => block.TrimEnd()).ToList();
        Assert.Equal(["dotnet run -c Release --project src/MlService -- --tutorial", "dotnet test"], commands);
        Assert.Equal("dotnet test", Readme.Text.Split('\n').First(line => line.StartsWith("dotnet test", StringComparison.Ordinal)));
    }

    [Fact]
    public void TheSettingsOfTheTableAreThoseOfTheService()
    {
        Assert.Contains($"| `urls` | `{LoopbackOnly.DefaultUrl}` |", Readme.Text, StringComparison.Ordinal);
        Assert.Contains($"MLSERVICE={LoopbackOnly.DefaultUrl}\n", Readme.Script, StringComparison.Ordinal);
        Assert.Contains("| `Data:Directory` | `data` |", Readme.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("docs/architecture.md")]
    [InlineData("docs/recipes.md")]
    public void EveryLinkLeadsSomewhere(string page) => Assert.Empty(Page.Open(page).BrokenLinks());

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("""
        "metric":\{"name":"BinaryAUC","value":([0-9.]+)\}
        """)]
    private static partial Regex Auc();

    // The first word of a line, of a pipe's next part, and of a substitution.
    [GeneratedRegex("""(?:^|[|;]|\$\()\s*([a-z]+)(?=\s)""", RegexOptions.Multiline)]
    private static partial Regex Command();
}
