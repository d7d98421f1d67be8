using CsCheck;
using MlService.Learning.Metrics;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

/// <summary>What goes between processes arrives as it was sent, or is refused.</summary>
public class ShardFormatTests
{
    private static readonly Dictionary<string, string> FewPasses = new() { ["sgd.maxPasses"] = "3" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Binary")]
    [InlineData("Categorical")]
    [InlineData("Numeric")]
    public void ShardsThatOnlyExchangeBytesMakeTheVeryModelThatShardsInOneProcessMake(string target)
    {
        var harness = Harness(target);
        var expected = TrainingHarness.Bytes(harness.TrainApart(3));

        var setup = Sent(harness.Setup.Write, TrainingSetup.Read);
        var readers = harness.Readers(3);
        var parts = readers.Select((_, index) => new TrainingShard(setup, index, ExampleSpill.Default)).ToArray();
        var summaries = parts.Zip(readers, (part, open) =>
        {
            using var reader = open();
            return Sent(part.Encode(reader, null, Cancellation).Write, stream => ShardSummary.Read(stream, harness.Setup));
        }).ToArray();
        var trainer = new Trainer(harness.Setup);
        var numbering = trainer.Merge(summaries, parts.Length);
        for (var i = 0; i < parts.Length; i++)
            parts[i].Remap(Sent(stream => numbering.Write(stream, i), FeatureNumbering.Read));
        while (trainer.NextPass() is { } order)
            trainer.Complete([.. parts.Select(part =>
                Sent(stream => part.RunPass(Sent(order.Write, PassOrder.Read), null, Cancellation).Write(stream, order), PassResult.Read))]);
        foreach (var part in parts)
            part.Dispose();
        Assert.Equal(expected, TrainingHarness.Bytes(trainer.Finish()));
    }

    [Theory]
    [InlineData("Binary")]
    [InlineData("Categorical")]
    [InlineData("Numeric")]
    public void AShardThatTakesTheRowsOfALostOneAnewGoesOnAsThatWouldHave(string target)
    {
        var harness = Harness(target);
        var expected = TrainingHarness.Bytes(harness.TrainApart(3));

        var parts = Encode(harness, 3, out var trainer, out var numbering);
        for (var pass = 0; trainer.NextPass() is { } order; pass++)
        {
            var results = parts.Select(part => part.RunPass(order, null, Cancellation)).ToList();
            if (pass % 2 == 1)
            {
                var lost = pass / 2 % 3;
                parts[lost].Dispose();
                parts[lost] = new TrainingShard(harness.Setup, lost, ExampleSpill.Default);
                using var reader = harness.Readers(3)[lost]();
                parts[lost].Encode(reader, null, Cancellation);
                parts[lost].Remap(Sent(stream => numbering.Write(stream, lost), FeatureNumbering.Read));
                results[lost] = parts[lost].RunPass(order, null, Cancellation);
            }
            trainer.Complete(results);
        }
        foreach (var part in parts)
            part.Dispose();
        Assert.Equal(expected, TrainingHarness.Bytes(trainer.Finish()));
    }

    private static TrainingShard[] Encode(TrainingHarness harness, int shards, out Trainer trainer, out FeatureNumbering numbering)
    {
        var readers = harness.Readers(shards);
        var parts = readers.Select((_, index) => new TrainingShard(harness.Setup, index, ExampleSpill.Default)).ToArray();
        var summaries = parts.Zip(readers, (part, open) =>
        {
            using var reader = open();
            return part.Encode(reader, null, Cancellation);
        }).ToArray();
        trainer = new Trainer(harness.Setup);
        var merged = numbering = trainer.Merge(summaries, parts.Length);
        foreach (var part in parts)
            part.Remap(merged);
        return parts;
    }

    [Fact]
    public void AVocabularyKeepsItsIdsWhereSomeWereRetired()
    {
        var vocabulary = new Learning.Features.FeatureVocabulary();
        for (var id = 0; id < 10; id++)
            vocabulary.AddOccurrences(vocabulary.GetOrAdd(0, [(byte)id]), id % 3);
        vocabulary.Prune(1);
        vocabulary.AddOccurrences(vocabulary.GetOrAdd(0, [99]), 7);
        var read = Sent(
            stream => ShardFormat.Write(stream, vocabulary.WriteWithIds),
            stream => ShardFormat.Read(stream, reader => Learning.Features.FeatureVocabulary.ReadWithIds(reader, 1)));
        Assert.Equal((vocabulary.Count, vocabulary.NextId), (read.Count, read.NextId));
        for (var id = 0; id < vocabulary.NextId; id++)
        {
            Assert.Equal(vocabulary.Contains(id), read.Contains(id));
            if (vocabulary.Contains(id))
                Assert.Equal((vocabulary.Token(id)[0], vocabulary.Occurrences(id)), (read.Token(id)[0], read.Occurrences(id)));
        }
        Assert.Equal(vocabulary.GetOrAdd(0, [100]), read.GetOrAdd(0, [100]));
    }

    [Fact]
    public void MetricsThatWereSentReportWhatTheOnesThatStayedReport() =>
        Gen.Select(Gen.Float[0, 1].Array[0, 50], Gen.Int[1, 40]).Sample((scores, exact) =>
        {
            var binary = new BinaryMetrics(exact);
            var regression = new RegressionMetrics();
            var multiclass = new MulticlassMetrics(["a", "b"]);
            foreach (var score in scores)
            {
                binary.Add(score, score * 7 % 1 > 0.4);
                regression.Add(score, 1 - score);
                multiclass.Add([1 - score, score], [(byte)('a' + (int)(score * 3.9f))]);
            }
            Assert.Equivalent(binary.ToReport(), Sent(binary).ToReport(), strict: true);
            Assert.Equivalent(regression.ToReport(), Round(regression.Write, RegressionMetrics.Read).ToReport(), strict: true);
            Assert.Equivalent(multiclass.ToReport("a"), Round(multiclass.Write, MulticlassMetrics.Read).ToReport("a"), strict: true);

            static BinaryMetrics Sent(BinaryMetrics metrics) => Round(metrics.Write, BinaryMetrics.Read);
        }, iter: 50);

    [Fact]
    public void WhatIsCutOffIsRefused()
    {
        var harness = Harness("Binary");
        var (trainer, parts) = harness.Encode(2);
        var order = trainer.NextPass()!;
        var result = parts[0].RunPass(order, null, Cancellation);
        Refused(harness.Setup.Write, stream => TrainingSetup.Read(stream));
        Refused(order.Write, stream => PassOrder.Read(stream));
        Refused(stream => result.Write(stream, order), stream => PassResult.Read(stream));
        using var reader = harness.Readers(1)[0]();
        using var shard = new TrainingShard(harness.Setup, 0, ExampleSpill.Default);
        Refused(shard.Encode(reader, null, Cancellation).Write, stream => ShardSummary.Read(stream, harness.Setup));
        foreach (var part in parts)
            part.Dispose();

        static void Refused(Action<Stream> write, Action<Stream> read)
        {
            using var whole = new MemoryStream();
            write(whole);
            for (var length = 0; length < whole.Length; length += 1 + (int)whole.Length / 40)
                Assert.Throws<InvalidInputException>(() => read(new MemoryStream(whole.ToArray()[..length])));
            whole.WriteByte(0);
            Assert.Throws<InvalidInputException>(() => read(new MemoryStream(whole.ToArray())));
        }
    }

    [Fact]
    public void AnOrderToCrossValidateKeepsWhatIsToBeBeaten()
    {
        var learner = new LearnerState(5, 0.25, 3, 1, [1f, 2f, 3f], regularization: new Regularization(0.5, IsL1: true));
        var order = Sent(new PassOrder(PassKind.CrossValidate, 1, [learner]) { Folds = 3, ToBeat = [0.5, 0.25] }.Write, PassOrder.Read);
        Assert.Equal([0.5, 0.25], order.ToBeat);
        Assert.Equal((3, new Regularization(0.5, IsL1: true)), (order.Folds, Assert.Single(order.Learners).Regularization));
    }

    private static T Round<T>(Action<BinaryWriter> write, Func<BinaryReader, T> read) =>
        Sent(stream => ShardFormat.Write(stream, write), stream => ShardFormat.Read(stream, read));

    private static T Sent<T>(Action<Stream> write, Func<Stream, T> read)
    {
        using var stream = new MemoryStream();
        write(stream);
        stream.Position = 0;
        return read(stream);
    }

    private static TrainingHarness Harness(string target)
    {
        var random = new Random(5);
        var csv = TrainingHarness.Csv(900, _ =>
        {
            var (word, size) = (random.Next(60), random.NextDouble() * 10);
            var y = target switch
            {
                "Binary" => (word + size > 30 ? 1 : 0).ToString(),
                "Categorical" => $"c{(word + (int)size) % 3}",
                _ => FormattableString.Invariant($"{word * 2 - size:F3}"),
            };
            return FormattableString.Invariant($"w{word} w{random.Next(60)},{size:F2},{y}");
        });
        return new TrainingHarness($"words:Text size:Numeric y:{target}", "y", csv, parameters: FewPasses);
    }
}
