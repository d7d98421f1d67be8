using MlService.DataSources;
using MlService.Jobs;
using MlService.Learning.Training;

namespace MlService.Models;

/// <summary>Reads the rows of a shard and keeps them as examples.</summary>
[GenerateSerializer, Immutable]
internal sealed record EncodeShard(
    [property: Id(0)] SharedItem<TrainingSetup> Setup, [property: Id(1)] ShardInput Input, [property: Id(2)] int Index) : ShardStep<ShardSummary>
{
    public override bool IsLasting => true;

    public override ShardSummary Execute(ShardScope scope)
    {
        // Encoded rows take about as much as the data, and what memory does not hold goes to the disk.
        scope.RequireScratch(Input.Segments.Sum(segment => segment.Length) - scope.Options.ExampleMemoryBytes);
        var spill = new ExampleSpill(scope.Scratch, scope.Options.ExampleMemoryBytes);
        var shard = new TrainingShard(scope.Get(Setup, TrainingSetup.Read), Index, spill);
        scope.Kept = shard;
        using var reader = Input.Open(scope);
        return shard.Encode(reader, progress => scope.Report(progress.Rows, progress.BytesRead), scope.Cancellation);
    }

    public override void Write(ShardSummary result, Stream stream) => result.Write(stream);

    public override ShardSummary Read(Stream stream) => ShardSummary.Read(stream, Setup.Value);
}

/// <summary>A shard that is ready to learn.</summary>
/// <param name="Shard">The shard itself, for joining it with others; null where it is in another process.</param>
internal sealed record RemappedShard(TrainingShard? Shard);

/// <summary>Renames the features of a shard's examples to the numbering that all shards have in common.</summary>
[GenerateSerializer, Immutable]
internal sealed record RemapShard([property: Id(0)] SharedItem<FeatureNumbering> Numbering) : ShardStep<RemappedShard>
{
    public override bool IsLasting => true;

    public override RemappedShard Execute(ShardScope scope)
    {
        var shard = (TrainingShard)scope.Kept!;
        shard.Remap(scope.Get(Numbering, FeatureNumbering.Read));
        return new RemappedShard(shard);
    }

    public override void Write(RemappedShard result, Stream stream)
    {
        // The job needs to know no more than that it is done.
    }

    public override RemappedShard Read(Stream stream) => new(null);
}

/// <summary>Learns from a shard's examples, or judges by them.</summary>
[GenerateSerializer, Immutable]
internal sealed record LearnShard([property: Id(0)] SharedItem<PassOrder> Order) : ShardStep<PassResult>
{
    public override PassResult Execute(ShardScope scope) => ((TrainingShard)scope.Kept!).RunPass(
        scope.Get(Order, PassOrder.Read), progress => scope.Report(progress.Rows, 0), scope.Cancellation);

    public override void Write(PassResult result, Stream stream) => result.Write(stream, Order.Value);

    public override PassResult Read(Stream stream) => PassResult.Read(stream);
}
