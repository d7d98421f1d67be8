namespace MlService.Learning.Training;

/// <summary>What the coordinator wants from every shard next.</summary>
public enum PassKind
{
    /// <summary>Try all learning rates on parts of the examples, judged on the others (small data, one shard).</summary>
    CrossValidate,

    /// <summary>Learn from a slice of the examples.</summary>
    Learn,

    /// <summary>Judge the averaged weights on the held-out examples.</summary>
    Evaluate,
}

/// <summary>An order of the coordinator to every shard.</summary>
public sealed class PassOrder
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

    /// <summary>Parts of a cross-validation.</summary>
    public int Folds { get; internal init; }
}

/// <summary>What a shard answers to a <see cref="PassOrder"/>.</summary>
public sealed class PassResult
{
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
}
