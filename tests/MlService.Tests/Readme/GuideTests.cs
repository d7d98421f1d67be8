using System.Globalization;
using System.Text.RegularExpressions;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Problems;
using MlService.Tests.Amazon;

namespace MlService.Tests.Readme;

/// <summary>The commands of the guides in docs/, run as they stand there, and what the guides say that they print.</summary>
public sealed partial class GuideTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task TheRestGuideShowsWhatTheServiceAnswers()
    {
        await service.Client.HasSamples();
        var guide = Page.Open("docs/rest.md");
        using var shell = new Shell();
        Page.AssertShown(await shell.Run(guide.Script, service.Address), guide.Blocks("text"));
    }

    [Fact]
    public async Task TheGuideToDataReadsSeveralFilesAsOneTable()
    {
        await service.Client.HasSamples();
        var guide = Page.Open("docs/schema-and-data.md");
        using var shell = new Shell();
        Page.AssertShown(await shell.Run(guide.Script, service.Address), guide.Blocks("text"));
    }

    [Fact]
    public async Task AScriptForAmazonComesAlongAsItsGuideSays()
    {
        await ClientScript.RequireBoto3();
        using var shell = new Shell();
        File.Copy(Path.Combine(ClientScript.Directory, "flowers.py"), Path.Combine(shell.Directory, "flowers.py"));
        foreach (var (name, content) in new[] { ("flowers.csv", Flowers.Csv()), ("flowers.csv.schema", Flowers.Schema()), ("flowers.recipe", """{"outputs": ["quantile_bin(ALL_NUMERIC, 20)", "ALL_CATEGORICAL"]}""") })
            await File.WriteAllTextAsync(Path.Combine(shell.Directory, name), content, TestContext.Current.CancellationToken);
        var blocks = Page.Open("docs/amazon.md").Blocks("sh");
        // The first line of the first block sets what all need; the rest of it waits as long as the CLI's waiters do.
        var printed = await shell.Run(blocks[0].Split('\n')[0] + "\n" + blocks[1], service.Address);
        Assert.Contains("{'EvaluationId': 'flowers'} COMPLETED\n{'Properties': {'BinaryAUC': '0.9", printed, StringComparison.Ordinal);
        Assert.Contains("\n1\ntrueLabel,bestAnswer,score\n", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSchemaAndTheSplitOfTheGuideAreRead()
    {
        var blocks = Page.Open("docs/schema-and-data.md").Blocks("json");
        var schema = DataSchema.Parse(blocks[0]);
        Assert.Equal(("churned", "customer"), (schema.Target, schema.RowId));
        Assert.Equal(
            ["since", "plan", "premium", "last_letter"],
            schema.Attributes.Where((_, index) => schema.IsInput(index)).Select(attribute => attribute.Name));
        Assert.Equal(Enum.GetValues<AttributeType>().Order(), schema.Attributes.Select(attribute => attribute.Type).Distinct().Order());
        Assert.Equal(2, blocks.Count);
        Assert.Contains("\"percentEnd\": 70, \"strategy\": \"random\", \"seed\": \"1\"", blocks[1], StringComparison.Ordinal);
        Assert.Equal(70, new DataSplit(0, 70, SplitStrategy.Random, "1").PercentEnd);
    }

    [Fact]
    public void TheGuideListsEveryKindOfProblemWithItsStatus()
    {
        var guide = Page.Open("docs/rest.md");
        var listed = ProblemRow().Matches(guide.Text)
            .SelectMany(row => ProblemType().Matches(row.Groups[1].Value).Select(type => (type.Value, row.Groups[2].Value))).ToList();
        var kinds = typeof(ServiceApplication).Assembly.GetTypes()
            .SelectMany(type => type.GetFields()).Where(field => field.IsStatic && field.FieldType == typeof(ProblemKind))
            .Select(field => (ProblemKind)field.GetValue(null)!)
            .Select(kind => (kind.Type, kind.Status.ToString(CultureInfo.InvariantCulture))).ToList();
        Assert.True(kinds.Count > 10);
        Assert.Equal(kinds.Order(), listed.Order());
    }

    [GeneratedRegex(@"^\| (`/problems/[^|]*) \| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex ProblemRow();

    [GeneratedRegex("/problems/[a-z-]+")]
    private static partial Regex ProblemType();
}
