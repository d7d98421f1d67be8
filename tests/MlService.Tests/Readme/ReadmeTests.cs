using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MlService.Access;
using MlService.Samples;

namespace MlService.Tests.Readme;

/// <summary>The commands of README.md and of the tutorial that continues it, run as they stand there, and what the pages say of them.</summary>
public sealed partial class ReadmeTests(WalkedTutorial tutorial) : IClassFixture<WalkedTutorial>
{
    private const string TestCommand = "dotnet test --max-parallel-test-modules 1 --filter-not-trait \"Proof=Long\"";

    private static readonly Page Readme = Page.Open("README.md");

    [Fact]
    public async Task TheTutorialLeadsFromAFileOfOnesOwnToPredictionsForTheBestThreePercent()
    {
        var (printed, _) = await tutorial.Walk();
        Page.AssertShown(printed, Readme.Blocks("text").Skip(2));
        var aucs = Aucs(printed);
        Assert.Equal(2, aucs.Count);
        Assert.All(aucs, auc => Assert.InRange(auc, 0.92, 0.96));

        var report = JsonNode.Parse(tutorial.Read("top3.json"))!;
        Assert.InRange((double)report["positiveShare"]!, 0.029, 0.031);
        var model = await tutorial.Client.Get("/v1/models/will-buy");
        Assert.Equal((double)report["threshold"]!, (double)model["scoreThreshold"]!);
        var attributes = (await tutorial.Client.Get("/v1/datasources/customers"))["schema"]!["attributes"]!.AsArray();
        Assert.Equal("CATEGORICAL", (string?)attributes.Single(attribute => (string?)attribute!["attributeName"] == "pdays")!["attributeType"]);

        var results = tutorial.Read("calls.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("bestAnswer,score", results[0]);
        Assert.Equal(BankingSample.Batch.Rows + 1, results.Length);
        var positive = results.Count(line => line.StartsWith("1,", StringComparison.Ordinal));
        Assert.InRange(positive / (double)BankingSample.Batch.Rows, 0.02, 0.045);
        Assert.Contains("""{"s3://mine/new-customers.csv":"s3://mine/results/batch-prediction/result/calls-new-customers.csv.gz"}""", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheContinuedTutorialFindsWhatTheModelIsWorthBeforeACall()
    {
        var (_, printed) = await tutorial.Walk();
        Page.AssertShown(printed, Page.Open("docs/tutorial.md").Blocks("text"));
        var aucs = Aucs(printed);
        Assert.Equal(2, aucs.Count);
        Assert.All(aucs, auc => Assert.Equal(0.80, auc, 0.015));
    }

    [Fact]
    public void TheTutorialNeedsNoMoreThanItsReaderHas() =>
        Assert.Empty(Command().Matches(Readme.Script).Select(match => match.Groups[1].Value).Distinct()
            .Except(["curl", "grep", "sed", "gunzip", "finished", "until", "do", "done"]));

    [Fact]
    public void TheTwoCommandsStandOnLinesOfTheirOwn()
    {
        var commands = Readme.Blocks("sh").Select(block => block.TrimEnd()).ToList();
        Assert.Equal(["dotnet run -c Release --project src/MlService -- --tutorial", TestCommand], commands);
        Assert.Equal(TestCommand, Readme.Text.Split('\n').First(line => line.StartsWith("dotnet test", StringComparison.Ordinal)));
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
    [InlineData("docs/amazon.md")]
    [InlineData("docs/architecture.md")]
    [InlineData("docs/operation.md")]
    [InlineData("docs/recipes.md")]
    [InlineData("docs/rest.md")]
    [InlineData("docs/schema-and-data.md")]
    [InlineData("docs/tutorial.md")]
    public void EveryLinkLeadsSomewhere(string page) => Assert.Empty(Page.Open(page).BrokenLinks());

    private static List<double> Aucs(string printed) =>
        [.. Auc().Matches(printed).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex("""
        "metric":\{"name":"BinaryAUC","value":([0-9.]+)\}
        """)]
    private static partial Regex Auc();

    // The first word of a line, of a pipe's next part, and of a substitution.
    [GeneratedRegex("""(?:^|[|;]|\$\()\s*([a-z]+)(?=\s)""", RegexOptions.Multiline)]
    private static partial Regex Command();
}
