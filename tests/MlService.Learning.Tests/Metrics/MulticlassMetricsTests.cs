using System.Text;
using CsCheck;
using MlService.Learning.Metrics;

namespace MlService.Learning.Tests.Metrics;

public class MulticlassMetricsTests
{
    private static readonly string[] Classes = ["a", "b", "c"];

    [Fact]
    public void MacroF1IsTheMeanOverTheClassesOfTheEvaluationData()
    {
        // a: 2 of 3 found, 1 false alarm: F1 = 2·2/(2·2+1+1) = 2/3. b: 1 of 1, 1 false alarm: F1 = 2/3. c: not in the data.
        var report = Of((0, "a"), (0, "a"), (1, "a"), (1, "b"), (0, "d")).ToReport("a");
        Assert.Equal((2.0 / 3 + 2.0 / 3 + 0) / 3, report.MacroF1!.Value, 12);
        Assert.Equal(3.0 / 5, report.Accuracy!.Value, 12);
        Assert.Equal(["a", "b", "c", "d"], report.Labels);
        Assert.Equal([2L, 1L, 0L], report.ConfusionMatrix[0]);
        Assert.Equal([1L, 0L, 0L], report.ConfusionMatrix[3]);
        Assert.Equal(0, report.Classes[2].F1);
    }

    [Fact]
    public void TheBaselineAlwaysPredictsTheCommonestTrainingClass()
    {
        // a has 3 of 5 records: precision 0.6, recall 1, F1 0.75, over three classes in the data.
        var report = Of((0, "a"), (0, "a"), (1, "a"), (1, "b"), (0, "d")).ToReport("a");
        Assert.Equal(0.75 / 3, report.BaselineMacroF1!.Value, 12);
        Assert.Equal(0, Of((0, "b"), (1, "a")).ToReport("c").BaselineMacroF1);
    }

    [Fact]
    public void PartsMergedGiveTheReportOfTheWholeWhateverLabelsTheyMeet() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 5]).Array[1, 50].Select(Gen.Int[0, 50]).Sample((items, cut) =>
        {
            var records = items.Select(item => (item.Item1, ((char)('a' + item.Item2)).ToString())).ToArray();
            var whole = Of(records).ToReport("a");
            var merged = Of([.. records.Skip(cut)]);
            merged.Merge(Of([.. records.Take(cut)]));
            var parts = merged.ToReport("a");
            Assert.Equal(whole.Classes, parts.Classes);
            Assert.Equal(whole.ConfusionMatrix, parts.ConfusionMatrix);
            Assert.Equal(whole.MacroF1!.Value, parts.MacroF1!.Value, 12);
        });

    [Fact]
    public void ATargetOfEverNewValuesIsRefused()
    {
        var metrics = new MulticlassMetrics(Classes);
        var error = Assert.Throws<InvalidInputException>(() =>
        {
            for (var i = 0; i < 2000; i++)
                metrics.Add([1, 0, 0], Encoding.UTF8.GetBytes($"value {i}"));
        });
        Assert.Contains("1000 different values", error.Message, StringComparison.Ordinal);
    }

    private static MulticlassMetrics Of(params (int Predicted, string Actual)[] records)
    {
        var metrics = new MulticlassMetrics(Classes);
        foreach (var (predicted, actual) in records)
            metrics.Add([.. Classes.Select((_, k) => k == predicted ? 1f : 0f)], Encoding.UTF8.GetBytes(actual));
        return metrics;
    }
}
