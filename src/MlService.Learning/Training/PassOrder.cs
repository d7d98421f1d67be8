using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>What the coordinator wants from every shard next.</summary>
internal enum PassKind
{
    /// <summary>Try all learning rates on parts of the examples, judged on the others (small data, one shard).</summary>
    CrossValidate,

    /// <summary>Learn from a slice of the examples.</summary>
    Learn,

    /// <summary>Judge the averaged weights on the held-out examples.</summary>
    Evaluate,
}

/// <summary>An order of the coordinator to every shard.</summary>
internal sealed class PassOrder
{
    internal PassOrder(PassKind kind, int pass, IReadOnlyList<LearnerState> learners)
    {
        Kind = kind;
        Pass = pass;
        Learners = learners;
    }

    /// <summary>What to do.</summary>
    public PassKind Kind { get; }

    /// <summary>Number of the pass, from 1.</summary>
    public int Pass { get; }

    /// <summary>The learners that still race, with the weights to start from.</summary>
    public IReadOnlyList<LearnerState> Learners { get; }

    /// <summary>Begin of the slice of the pass, from 0.</summary>
    public double From { get; internal init; }

    /// <summary>End of the slice of the pass, up to 1.</summary>
    public double To { get; internal init; } = 1;

    /// <summary>Whether held-out examples are learned from too: when nothing remains to be decided.</summary>
    public bool IncludesHeldOut { get; internal init; }

    /// <summary>Whether each shard learns with copies of its own, which the coordinator averages.</summary>
    public bool CopiesLearners { get; internal init; }

    /// <summary>
    /// Parts of a cross-validation; 0 for none. Of <see cref="PassKind.CrossValidate"/> every learner tries all; otherwise each learner
    /// leaves out the one of its number, and is judged on that.
    /// </summary>
    public int Folds { get; internal init; }

    /// <summary>
    /// Losses after each pass of who did best in an earlier <see cref="PassKind.CrossValidate"/>: learners that are behind it from
    /// <see cref="Race.Fair"/> passes on are not followed any further. Empty for none.
    /// </summary>
    public IReadOnlyList<double> ToBeat { get; internal init; } = [];

    /// <summary>Whether learners of a <see cref="PassKind.CrossValidate"/> are judged by their loss after <see cref="LossSums.Shrinkage"/>.</summary>
    public bool Shrinks { get; internal init; }

    /// <summary>What a learner is judged by.</summary>
    public double Judge(LossSums heldOut) => Shrinks ? heldOut.ShrunkMean : heldOut.Mean;

    /// <summary>Writes the order for a shard in another process.</summary>
    /// <param name="stream">Stays open.</param>
    public void Write(Stream stream) => ShardFormat.Write(stream, writer =>
    {
        writer.Write((byte)Kind);
        writer.Write(Pass);
        LinearModel.WriteList(writer, Learners, learner => learner.WriteWhole(writer));
        writer.Write(From);
        writer.Write(To);
        writer.Write(IncludesHeldOut);
        writer.Write(CopiesLearners);
        writer.Write(Folds);
        LinearModel.WriteList(writer, ToBeat, writer.Write);
        writer.Write(Shrinks);
    });

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="stream">Can seek; read to its end; stays open.</param>
    /// <exception cref="InvalidInputException">The bytes are damaged.</exception>
    public static PassOrder Read(Stream stream) => ShardFormat.Read(stream, reader =>
    {
        var (kind, pass) = ((PassKind)reader.ReadByte(), reader.ReadInt32());
        if (!Enum.IsDefined(kind))
            throw ShardFormat.Damaged($"order {kind}");
        var learners = LinearModel.ReadList(reader, byte.MaxValue, () => LearnerState.ReadWhole(reader));
        return new PassOrder(kind, pass, learners)
        {
            From = reader.ReadDouble(),
            To = reader.ReadDouble(),
            IncludesHeldOut = reader.ReadBoolean(),
            CopiesLearners = reader.ReadBoolean(),
            Folds = reader.ReadInt32(),
            ToBeat = LinearModel.ReadList(reader, PassResult.MaxPasses, reader.ReadDouble),
            Shrinks = reader.ReadBoolean(),
        };
    });
}

/// <summary>What a shard answers to a <see cref="PassOrder"/>.</summary>
internal sealed class PassResult
{
    internal const int MaxPasses = 1000;

    internal PassResult(IReadOnlyList<LearnerState> learners, IReadOnlyList<LossSums> losses)
    {
        Learners = learners;
        Losses = losses;
    }

    /// <summary>The learners after the slice.</summary>
    internal IReadOnlyList<LearnerState> Learners { get; }

    /// <summary>By learner: losses while learning, or of held-out examples.</summary>
    internal IReadOnlyList<LossSums> Losses { get; }

    /// <summary>A cross-validation's held-out losses, by learner and pass.</summary>
    internal IReadOnlyList<IReadOnlyList<LossSums>> FoldLosses { get; init; } = [];

    /// <summary>Rows that were learned from, by all learners together.</summary>
    internal long RowsLearned(PassOrder order) => order.Kind == PassKind.CrossValidate
        ? FoldLosses.Sum(passes => passes.Sum(losses => losses.Rows)) * (order.Folds - 1)
        : Losses.Sum(losses => losses.Rows);

    /// <summary>Writes the answer for a coordinator in another process.</summary>
    /// <param name="stream">Stays open.</param>
    /// <param name="order">What it answers to: judging leaves the learners as they were, so they stay out.</param>
    public void Write(Stream stream, PassOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        ShardFormat.Write(stream, writer =>
        {
            LinearModel.WriteList(writer, order.Kind == PassKind.Learn ? Learners : [], learner => learner.WriteWhole(writer));
            LinearModel.WriteList(writer, Losses, losses => losses.Write(writer));
            LinearModel.WriteList(writer, FoldLosses, passes => LinearModel.WriteList(writer, passes, losses => losses.Write(writer)));
        });
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="stream">Can seek; read to its end; stays open.</param>
    /// <exception cref="InvalidInputException">The bytes are damaged.</exception>
    public static PassResult Read(Stream stream) => ShardFormat.Read(stream, reader => new PassResult(
        LinearModel.ReadList(reader, byte.MaxValue, () => LearnerState.ReadWhole(reader)),
        LinearModel.ReadList(reader, byte.MaxValue, () => LossSums.Read(reader)))
    {
        FoldLosses = LinearModel.ReadList(
            reader, byte.MaxValue, () => (IReadOnlyList<LossSums>)LinearModel.ReadList(reader, MaxPasses, () => LossSums.Read(reader))),
    });
}
