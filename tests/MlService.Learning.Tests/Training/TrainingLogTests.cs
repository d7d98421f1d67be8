using MlService.Learning.Models;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

public class TrainingLogTests
{
    private static TrainingLogEntry Entry(int pass) => new(2, 0.25, pass, 1, 0.5, 0.4375, 0.91, 120, 34_000, "");

    [Fact]
    public void ALongCourseIsThinnedButKeepsItsEnds()
    {
        var log = new TrainingLog();
        for (var pass = 1; pass <= 10_000; pass++)
        {
            log.Add(Entry(pass));
            Assert.InRange(log.Entries.Count, 1, TrainingLog.MaxEntries);
            Assert.Equal(pass, log.Entries[^1].Pass);
        }
        Assert.Equal(1, log.Entries[0].Pass);
        Assert.Equal(log.Entries.Select(entry => entry.Pass).Order(), log.Entries.Select(entry => entry.Pass));
    }

    [Fact]
    public void ALineTellsWhatIsKnownAndNothingElse()
    {
        var log = new TrainingLog([Entry(3) with { RowsPerSecond = 123456.7 }, Entry(1) with { Share = 0.25, TrainingLoss = null, Metric = null, Note = "dropped" }]);
        Assert.Equal(
        [
            "pass 3, learning rate 0.25, training loss 0.5, held-out loss 0.4375, metric 0.91, features 120, model at most 34000 bytes, 123457 rows a second",
            "pass 1 (25 %), learning rate 0.25, held-out loss 0.4375, features 120, model at most 34000 bytes: dropped",
        ], log.ToLines());
    }

    [Theory]
    [InlineData("sgd.l1RegularizationAmount", "0.02")]
    [InlineData("sgd.maxPasses", "3")]
    public void ThePassesTellHowManyFeaturesCountAndHowFastTheyWere(string key, string value)
    {
        // Of eleven tokens one says all; L1 leaves nothing of the others.
        var random = new Random(3);
        var harness = new TrainingHarness("a:Categorical b:Categorical y:Binary", "y", TrainingHarness.Csv(3000, _ =>
        {
            var a = random.Next(2);
            return $"{a},b{random.Next(9)},{(random.NextDouble() < 0.8 ? a : 1 - a)}";
        }), parameters: new() { [key] = value });
        var (trainer, parts) = harness.Encode(1);
        while (trainer.NextPass() is { } order)
            trainer.Complete([.. parts.Select(part => part.RunPass(order, null, TestContext.Current.CancellationToken))], TimeSpan.FromSeconds(2));
        var model = trainer.Finish();
        var last = trainer.Log.Entries[^1];
        Assert.Equal(model.Vocabulary.Count, last.Features);
        Assert.True(key == "sgd.maxPasses" ? last.Features == 11 : last.Features < 11, $"{last.Features} features");
        Assert.Equal(1500, last.RowsPerSecond);
        Assert.All(trainer.Log.Entries, entry => Assert.True(entry.RowsPerSecond >= 1500));
        Assert.All(LearnedModel.Load(new MemoryStream(TrainingHarness.Bytes(model))).Log.Entries, entry => Assert.Null(entry.RowsPerSecond));
        foreach (var part in parts)
            part.Dispose();
    }
}
