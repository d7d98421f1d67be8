namespace MlService.Learning.Training;

/// <summary>
/// Finds the learning rate and the number of passes for small data: every rate learns from all folds but one and is judged on
/// that one, after each pass, for each fold in turn. Rates that lag are dropped on the way.
/// </summary>
internal sealed class CrossValidation
{
    // A rate whose loss has not fallen for so many passes is not followed any further, nor are more passes tried than these. Of
    // the others three go on after the third pass and two after the fifth: rates that lag by then do not win.
    private const int Patience = 5;
    private const int MostPasses = 200;

    private readonly SgdPass _pass;
    private readonly IReadOnlyList<StoredBlock> _blocks;
    private readonly int _passes;

    public CrossValidation(SgdPass pass, IReadOnlyList<StoredBlock> blocks, TrainingParameters parameters)
    {
        _pass = pass;
        _blocks = blocks;
        _passes = Math.Min(parameters.MaxPasses, MostPasses);
    }

    /// <summary>Tries all learners of an order.</summary>
    /// <param name="order">The learners at their start, and the number of folds.</param>
    /// <param name="report">Told after each pass its number, and how many examples a learner has gone through so far, in the mean.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Held-out losses over all folds, by learner and pass.</returns>
    public IReadOnlyList<IReadOnlyList<LossSums>> Run(PassOrder order, Action<int, long>? report, CancellationToken cancellation)
    {
        var results = order.Learners.Select(_ => new List<LossSums>()).ToArray();
        var states = order.Learners.Select(learner =>
            Enumerable.Range(0, order.Folds).Select(_ => learner.Copy()).ToArray()).ToArray();
        var racing = Enumerable.Range(0, results.Length).ToList();
        long visits = 0;
        for (var pass = 1; pass <= _passes && racing.Count > 0; pass++)
        {
            var tasks = racing.SelectMany(learner => Enumerable.Range(0, order.Folds).Select(fold => (learner, fold))).ToArray();
            var losses = new LossSums[tasks.Length];
            Parallel.For(0, tasks.Length, TrainingShard.Parallelism(cancellation), i =>
            {
                var (learner, index) = tasks[i];
                var fold = new Fold(order.Folds, index);
                _pass.Learn(_blocks, states[learner][index], pass, 0, 1, fold, null, cancellation);
                losses[i] = _pass.Evaluate(_blocks, states[learner][index], fold, cancellation);
            });
            for (var i = 0; i < tasks.Length; i++)
            {
                var passes = results[tasks[i].learner];
                if (passes.Count < pass)
                    passes.Add(new LossSums());
                passes[^1].Merge(losses[i]);
            }
            visits += racing.Count * _blocks.Sum(block => block.Rows);
            report?.Invoke(pass, visits / results.Length);
            var places = Places(pass, racing.Count);
            racing = [.. racing.Where(learner => pass - BestPass(results[learner], order) < Patience && !Race.IsBehind(pass, order.Judge(results[learner][^1]), order.ToBeat))
                .OrderBy(learner => Lowest(results[learner], order)).Take(places).Order()];
        }
        return results;
    }

    /// <summary>How many passes of a learner all make together, if none stops early.</summary>
    public static int Visits(int learners, int passes)
    {
        var visits = 0;
        for (var pass = 1; pass <= Math.Min(passes, MostPasses); pass++)
        {
            visits += learners;
            learners = Math.Min(learners, Places(pass, learners));
        }
        return visits;
    }

    // How many go on after a pass.
    private static int Places(int pass, int racing) => pass < 3 ? racing : pass < 5 ? 3 : 2;

    private static double Lowest(List<LossSums> passes, PassOrder order)
    {
        var loss = order.Judge(passes[BestPass(passes, order) - 1]);
        return double.IsNaN(loss) ? double.PositiveInfinity : loss;
    }

    // The pass with the lowest loss, from 1. A loss that is no number is never lower.
    private static int BestPass(List<LossSums> passes, PassOrder order)
    {
        var best = 0;
        for (var i = 1; i < passes.Count; i++)
            if (order.Judge(passes[i]) < order.Judge(passes[best]) || double.IsNaN(order.Judge(passes[best])))
                best = i;
        return best + 1;
    }
}
