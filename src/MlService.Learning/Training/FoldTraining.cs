using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>
/// Judges a way of learning by k learners side by side, each of which leaves out one of k parts of the examples and is judged on
/// that. They have learning rate and number of passes of the model, and the recipe as it was fitted to all rows.
/// </summary>
internal sealed class FoldTraining
{
    private readonly IReadOnlyList<LearnerState> _learners;
    private readonly int _passes;
    private readonly bool _copies;
    private int _pass = 1;

    /// <summary>Begins.</summary>
    /// <param name="learners">One per fold at its start, numbered from 0.</param>
    /// <param name="passes">How many passes each makes.</param>
    /// <param name="copies">Whether shards learn apart and are averaged.</param>
    public FoldTraining(IReadOnlyList<LearnerState> learners, int passes, bool copies)
    {
        _learners = learners;
        _passes = passes;
        _copies = copies;
    }

    /// <summary>How many passes each learner makes.</summary>
    public int Passes => _passes;

    /// <summary>Whether all passes are done, and only the judgement is to come.</summary>
    public bool HasLearned => _pass > _passes;

    /// <summary>The outcome, by fold; null until it is known.</summary>
    public IReadOnlyList<FoldResult>? Results { get; private set; }

    /// <summary>What the shards have to do next; null when all is done.</summary>
    public PassOrder? Next() => Results is not null ? null
        : HasLearned ? new PassOrder(PassKind.Evaluate, _passes, _learners) { Folds = _learners.Count }
        : new PassOrder(PassKind.Learn, _pass, _learners) { Folds = _learners.Count, IncludesHeldOut = true, CopiesLearners = _copies };

    /// <summary>Notes that a pass has been learned.</summary>
    public void EndPass() => _pass++;

    /// <summary>Takes the judgement.</summary>
    /// <param name="losses">By fold.</param>
    /// <param name="setup">What was learned.</param>
    /// <param name="targetScale">Unit of a regression's target.</param>
    /// <param name="shrinkage">By what the model's scores are corrected.</param>
    public void End(IEnumerable<LossSums> losses, TrainingSetup setup, double targetScale, ScoreScaling? shrinkage) =>
        Results = [.. losses.Select(sums => sums.ToResult(setup.Target.Type, targetScale, shrinkage))];

    /// <summary>Writes how it stands.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(_pass);
        foreach (var learner in _learners)
            learner.Save(writer);
        writer.Write(Results is not null);
        if (Results is not null)
            LinearModel.WriteList(writer, Results, result => result.Write(writer));
    }

    /// <summary>Goes on where another one over the same data stood.</summary>
    public void Restore(BinaryReader reader)
    {
        _pass = reader.ReadInt32();
        foreach (var learner in _learners)
            learner.Restore(reader);
        Results = reader.ReadBoolean() ? LinearModel.ReadList(reader, _learners.Count, () => FoldResult.Read(reader)) : null;
    }
}
