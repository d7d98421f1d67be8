using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>
/// How well a grouping of the rows predicts the target on rows that were held out: the loss of a model with one parameter a group,
/// over ten folds. For classes the model is p(c | g) = (n_gc + α p_c) / (n_g + α), p_c being the classes' shares
/// in the other folds, and the loss is log loss; for numbers the mean, shrunk alike, and squared error. α is the best of
/// {0.5, 5, 50}. Held-out scores need no correction for the number of groups: noise does not pay.
/// </summary>
/// <param name="Loss">Summed loss of each fold.</param>
/// <param name="Baseline">Summed loss of each fold without the grouping.</param>
internal sealed record HeldOutScore(double[] Loss, double[] Baseline)
{
    /// <summary>Number of folds; row i belongs to fold i mod 10.</summary>
    public const int Folds = 10;

    private static readonly double[] Shrinkages = [0.5, 5, 50];

    /// <summary>
    /// The share of the target's uncertainty that the grouping explains, in [0, 1]: for classes an estimate of I(X; Y) / H(Y), for
    /// numbers of the correlation ratio η².
    /// </summary>
    public double Explained => Baseline.Sum() is > 0 and var baseline ? Math.Clamp(1 - Loss.Sum() / baseline, 0, 1) : 0;

    /// <summary>Scores a grouping.</summary>
    /// <param name="target">The rows' target.</param>
    /// <param name="groups">Group of each row; -1 counts as unknown and is predicted by the average.</param>
    /// <param name="groupCount">Number of groups.</param>
    public static HeldOutScore Of(TargetSample target, ReadOnlySpan<int> groups, int groupCount) =>
        target.Classes > 0 ? OfClasses(target, groups, groupCount) : OfNumbers(target, groups, groupCount);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static HeldOutScore OfClasses(TargetSample target, ReadOnlySpan<int> groups, int groupCount)
    {
        var classes = target.Classes;
        // The last group holds the unknown.
        var counts = new int[Folds][];
        var total = new int[(groupCount + 1) * classes];
        for (var fold = 0; fold < Folds; fold++)
            counts[fold] = new int[total.Length];
        for (var i = 0; i < groups.Length; i++)
        {
            var cell = (groups[i] < 0 ? groupCount : groups[i]) * classes + target.Labels[i];
            counts[i % Folds][cell]++;
            total[cell]++;
        }
        var losses = Shrinkages.Select(_ => new double[Folds]).ToArray();
        var baseline = new double[Folds];
        var shares = new double[classes];
        var logShares = new double[classes];
        for (var fold = 0; fold < Folds; fold++)
        {
            var held = counts[fold];
            Array.Clear(shares);
            for (var cell = 0; cell < total.Length; cell++)
                shares[cell % classes] += total[cell] - held[cell];
            var rows = shares.Sum();
            for (var c = 0; c < classes; c++)
            {
                shares[c] = (shares[c] + 1.0 / classes) / (rows + 1);
                logShares[c] = Math.Log(shares[c]);
            }
            for (var group = 0; group <= groupCount; group++)
            {
                var inGroup = 0;
                var heldInGroup = 0;
                for (var cell = group * classes; cell < (group + 1) * classes; cell++)
                {
                    inGroup += total[cell] - held[cell];
                    heldInGroup += held[cell];
                }
                if (heldInGroup == 0)
                    continue;
                for (var c = 0; c < classes; c++)
                {
                    var cell = group * classes + c;
                    if (held[cell] == 0)
                        continue;
                    baseline[fold] -= held[cell] * logShares[c];
                    var known = group == groupCount ? 0 : total[cell] - held[cell];
                    var of = group == groupCount ? 0 : inGroup;
                    for (var s = 0; s < Shrinkages.Length; s++)
                        losses[s][fold] -= held[cell] * Math.Log((known + Shrinkages[s] * shares[c]) / (of + Shrinkages[s]));
                }
            }
        }
        return new HeldOutScore(losses.MinBy(loss => loss.Sum())!, baseline);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static HeldOutScore OfNumbers(TargetSample target, ReadOnlySpan<int> groups, int groupCount)
    {
        var held = new (int Count, double Sum, double Squares)[Folds, groupCount + 1];
        var total = new (int Count, double Sum)[groupCount + 1];
        for (var i = 0; i < groups.Length; i++)
        {
            var group = groups[i] < 0 ? groupCount : groups[i];
            var value = target.Values[i];
            ref var cell = ref held[i % Folds, group];
            cell = (cell.Count + 1, cell.Sum + value, cell.Squares + value * value);
            total[group] = (total[group].Count + 1, total[group].Sum + value);
        }
        var all = total.Sum(cell => cell.Sum);
        var losses = Shrinkages.Select(_ => new double[Folds]).ToArray();
        var baseline = new double[Folds];
        for (var fold = 0; fold < Folds; fold++)
        {
            var (foldCount, foldSum) = (0, 0.0);
            for (var group = 0; group <= groupCount; group++)
                (foldCount, foldSum) = (foldCount + held[fold, group].Count, foldSum + held[fold, group].Sum);
            var mean = (all - foldSum) / Math.Max(1, groups.Length - foldCount);
            for (var group = 0; group <= groupCount; group++)
            {
                var cell = held[fold, group];
                if (cell.Count == 0)
                    continue;
                baseline[fold] += SquaredError(cell, mean);
                var (count, sum) = group == groupCount ? (0, 0) : (total[group].Count - cell.Count, total[group].Sum - cell.Sum);
                for (var s = 0; s < Shrinkages.Length; s++)
                    losses[s][fold] += SquaredError(cell, (sum + Shrinkages[s] * mean) / (count + Shrinkages[s]));
            }
        }
        return new HeldOutScore(losses.MinBy(loss => loss.Sum())!, baseline);
    }

    private static double SquaredError((int Count, double Sum, double Squares) cell, double prediction) =>
        cell.Squares - 2 * prediction * cell.Sum + cell.Count * prediction * prediction;
}
