namespace MlService.Learning.Statistics;

/// <summary>
/// How well a number as it is predicts the target on rows that were held out, over the folds of <see cref="HeldOutScore"/>: for
/// numbers by least squares; for classes by a linear discriminant (normal distributions with a mean a class and one variance), whose log odds are
/// linear in the number as the learner's are. Rows without the number are predicted by their average.
/// </summary>
internal static class LinearScore
{
    /// <summary>Scores a number.</summary>
    /// <param name="target">The rows' target.</param>
    /// <param name="values">The number in each row, NaN where it is missing.</param>
    /// <returns>The summed loss of each fold; null where the number does not vary.</returns>
    public static double[]? Of(TargetSample target, ReadOnlySpan<double> values)
    {
        // At most 1, so that squares do not overflow.
        var scale = 0.0;
        foreach (var value in values)
            scale = double.IsNaN(value) ? scale : Math.Max(scale, Math.Abs(value));
        if (scale == 0)
            return null;
        var groups = Math.Max(1, target.Classes);
        var folds = new Sums[HeldOutScore.Folds, groups];
        var missing = new Sums[HeldOutScore.Folds, groups];
        for (var i = 0; i < values.Length; i++)
        {
            var group = target.Classes > 0 ? target.Labels[i] : 0;
            var y = target.Classes > 0 ? 0 : target.Values[i];
            var isMissing = double.IsNaN(values[i]);
            (isMissing ? missing : folds)[i % HeldOutScore.Folds, group].Add(isMissing ? 0 : values[i] / scale, y);
        }
        var loss = new double[HeldOutScore.Folds];
        for (var fold = 0; fold < loss.Length; fold++)
        {
            var (known, without) = (Others(folds, fold), Others(missing, fold));
            for (var i = fold; i < values.Length; i += loss.Length)
            {
                var part = double.IsNaN(values[i]) ? without : known;
                var x = double.IsNaN(values[i]) ? 0 : values[i] / scale;
                loss[fold] += target.Classes > 0 ? LogLoss(part, x, target.Labels[i]) : Squared(part[0], x, target.Values[i]);
            }
        }
        return loss;
    }

    private static Sums[] Others(Sums[,] folds, int held)
    {
        var sums = new Sums[folds.GetLength(1)];
        for (var fold = 0; fold < folds.GetLength(0); fold++)
            for (var group = 0; fold != held && group < sums.Length; group++)
                sums[group].Add(folds[fold, group]);
        return sums;
    }

    private static double Squared(in Sums sums, double x, double y)
    {
        if (sums.Count == 0)
            return y * y;
        var (meanX, meanY) = (sums.X / sums.Count, sums.Y / sums.Count);
        var variance = sums.XX - meanX * sums.X;
        var slope = variance > 1e-12 * sums.Count ? (sums.XY - meanX * sums.Y) / variance : 0;
        var error = y - meanY - slope * (x - meanX);
        return error * error;
    }

    private static double LogLoss(Sums[] classes, double x, int label)
    {
        double rows = 0, within = 0;
        foreach (var sums in classes)
        {
            rows += sums.Count;
            within += sums.Count == 0 ? 0 : sums.XX - sums.X * sums.X / sums.Count;
        }
        var variance = Math.Max(within / Math.Max(1, rows), 1e-12);
        Span<double> odds = stackalloc double[classes.Length];
        var greatest = double.NegativeInfinity;
        for (var c = 0; c < odds.Length; c++)
        {
            var mean = classes[c].Count == 0 ? 0 : classes[c].X / classes[c].Count;
            odds[c] = Math.Log((classes[c].Count + 1.0 / odds.Length) / (rows + 1)) - (x - mean) * (x - mean) / (2 * variance);
            greatest = Math.Max(greatest, odds[c]);
        }
        var total = 0.0;
        foreach (var odd in odds)
            total += Math.Exp(odd - greatest);
        return greatest + Math.Log(total) - odds[label];
    }

    private struct Sums
    {
        public double Count, X, XX, Y, XY;

        public void Add(double x, double y)
        {
            Count++;
            X += x;
            XX += x * x;
            Y += y;
            XY += x * y;
        }

        public void Add(in Sums other)
        {
            Count += other.Count;
            X += other.X;
            XX += other.XX;
            Y += other.Y;
            XY += other.XY;
        }
    }
}
