using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

public class CheckpointTests
{
    private static readonly Dictionary<string, string> FewPasses = new() { ["sgd.maxPasses"] = "4" };

    /// <summary>Few features are cross-validated, many race; one shard repeats with all rows, two are averaged.</summary>
    [Theory]
    [InlineData(600, 1, 1)]
    [InlineData(600, 40, 1)]
    [InlineData(600, 1, 2)]
    [InlineData(2_000, 600, 1)]
    public void ATrainingThatDiesAfterEveryPassEndsWithTheSameModel(int rows, int words, int shards)
    {
        var harness = Harness(rows, FewPasses, words);
        var expected = TrainingHarness.Bytes(harness.TrainApart(shards));
        var (model, restarts) = harness.TrainWithRestarts(shards);
        Assert.True(restarts > 1, $"{restarts} restarts");
        Assert.Equal(expected, TrainingHarness.Bytes(model));
    }

    [Fact]
    public void ACheckpointOfOtherDataOrSettingsIsNotTakenUp()
    {
        var checkpoint = Checkpoint(Harness(600, FewPasses));
        Assert.False(Harness(601, FewPasses).Encode(1).Trainer.TryRestore(new MemoryStream(checkpoint)));
        Assert.False(Harness(600, new() { ["sgd.maxPasses"] = "5" }).Encode(1).Trainer.TryRestore(new MemoryStream(checkpoint)));
        Assert.False(Harness(600, FewPasses).Encode(2).Trainer.TryRestore(new MemoryStream(checkpoint)));
        Assert.True(Harness(600, FewPasses).Encode(1).Trainer.TryRestore(new MemoryStream(checkpoint)));
    }

    [Fact]
    public void ADamagedCheckpointIsRefused()
    {
        var checkpoint = Checkpoint(Harness(600, FewPasses));
        for (var at = 0; at < checkpoint.Length; at += 97)
        {
            var damaged = checkpoint.ToArray();
            damaged[at] ^= 0x10;
            Assert.Throws<InvalidInputException>(() => Harness(600, FewPasses).Encode(1).Trainer.TryRestore(new MemoryStream(damaged)));
        }

        Assert.Throws<InvalidInputException>(() => Harness(600, FewPasses).Encode(1).Trainer.TryRestore(new MemoryStream(checkpoint[..^10])));
    }

    private static byte[] Checkpoint(TrainingHarness harness)
    {
        var (trainer, parts) = harness.Encode(1);
        trainer.Complete([parts[0].RunPass(trainer.NextPass()!, null, TestContext.Current.CancellationToken)]);
        using var stream = new MemoryStream();
        trainer.SaveCheckpoint(stream);
        return stream.ToArray();
    }

    internal static TrainingHarness Harness(int rows, Dictionary<string, string> parameters, int words = 1)
    {
        var random = new Random(11);
        var csv = TrainingHarness.Csv(rows, _ =>
        {
            var (a, b) = (random.Next(30), random.NextDouble() * 10);
            return $"{string.Join(' ', Enumerable.Range(a, words).Select(word => $"t{word}"))},{b:F2},{(random.NextDouble() < 1 / (1 + Math.Exp(a / 10.0 - b / 3)) ? 1 : 0)}";
        });
        return new TrainingHarness("words:Text size:Numeric y:Binary", "y", csv, parameters: parameters);
    }
}
