namespace MlService.Learning.Training;

/// <content>
/// How much of the learning is done, in passes of one learner over all rows. How many are still to come, nobody knows while learners
/// race; what is expected is corrected with each order.
/// </content>
internal sealed partial class Trainer
{
    // Few races end before their third pass; of those that do not, as much is expected again as was run.
    private const int LeastExpected = 3;

    private double _visits;

    /// <summary>What an order is for, in a word for people.</summary>
    public string Phase => _folds is not null ? "cross-validating" : _final is not null ? "refitting" : "training";

    /// <summary>Which share of the learning is done when an order begins, and when it ends; 0 to 1.</summary>
    public (double From, double To) Shares(PassOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var visits = Visits(order);
        var all = _visits + visits + Expected(order);
        return (_visits / all, (_visits + visits) / all);
    }

    /// <summary>How many rows each learner goes through in an order, in the mean.</summary>
    public long Rows(PassOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var passes = order.Kind == PassKind.CrossValidate
            ? (double)CrossValidation.Visits(order.Learners.Count, _setup.Parameters.MaxPasses) / order.Learners.Count
            : order.To - order.From;
        return (long)(_assembly!.Examples * passes);
    }

    // Judging costs little, for it reads few rows or does less with each.
    private double Visits(PassOrder order) => order.Kind switch
    {
        PassKind.Evaluate => 0.1,
        PassKind.CrossValidate => order.Folds * CrossValidation.Visits(order.Learners.Count, _setup.Parameters.MaxPasses),
        _ => order.Learners.Count * (order.To - order.From),
    };

    private double Expected(PassOrder order)
    {
        var parameters = _setup.Parameters;
        if (_folds is not null)
            return order.Kind == PassKind.Evaluate ? 0 : order.Learners.Count * (_folds.Passes - order.Pass);
        var (race, final) = _final is not null ? (0, _finalPasses - order.Pass)
            : order.Kind == PassKind.CrossValidate ? (0, parameters.MaxPasses / 2)
            : (Math.Min(parameters.MaxPasses - order.Pass, Math.Max(LeastExpected, order.Pass)), 0);
        // Of a race that drops the slow, two go on before long.
        var racing = _work > RepeatedWork ? Math.Min(2, order.Learners.Count) : order.Learners.Count;
        if (_final is null && order.Kind != PassKind.CrossValidate && _learningShards == 1 && _work <= RepeatedWork)
            final = order.Pass + race;
        // Most of the second heat are behind as soon as they are compared.
        var secondHeat = _regularizations.Count * Race.Fair * Math.Max(1, order.Folds);
        return order.Learners.Count * (1 - order.To) + racing * race + secondHeat + final + parameters.Folds * Math.Max(1, order.Pass + race);
    }
}
