using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

public class TrainerProgressTests
{
    /// <summary>Few features are cross-validated, many race; folds come last.</summary>
    [Theory]
    [InlineData(600, 1, 1, 0)]
    [InlineData(600, 1, 1, 3)]
    [InlineData(600, 1, 2, 0)]
    [InlineData(2_000, 600, 1, 3)]
    public void LearningBeginsWithNothingDoneGoesOnWithEachOrderAndIsDoneWithTheLast(int rows, int words, int shards, int folds)
    {
        var harness = CheckpointTests.Harness(rows, new() { ["sgd.maxPasses"] = "6", ["sgd.folds"] = $"{folds}" }, words);
        List<(double From, double To)> shares = [];
        List<string> phases = [];
        harness.TrainApart(shards, (trainer, order) =>
        {
            shares.Add(trainer.Shares(order));
            phases.Add(trainer.Phase);
            Assert.InRange(trainer.Rows(order), 1, rows * 6);
        });
        Assert.Equal(0, shares[0].From);
        Assert.All(shares, share => Assert.True(share.From < share.To && share.To <= 1, $"{share}"));
        Assert.Equal(1, shares[^1].To, 6);
        Assert.Equal(folds > 0, phases[^1] == "cross-validating");
        Assert.Equal("training", phases[0]);
    }
}
