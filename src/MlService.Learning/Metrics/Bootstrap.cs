namespace MlService.Learning.Metrics;

/// <summary>
/// Confidence intervals by the bootstrap (B. Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979): the figure anew for
/// many draws of the rows with replacement, each row as often as a Poisson number of mean 1 says. Rows that count alike are drawn
/// together: their number is then Poisson too. So the draws need no rows, only counts, and any sharding gives the same interval.
/// </summary>
internal static class Bootstrap
{
    private const int Draws = 1000;
    private const int Seed = 1;
    private const double LeastNormal = 30;

    /// <summary>The interval of a figure.</summary>
    /// <param name="counts">How many rows there are of each kind.</param>
    /// <param name="figure">The figure of other such counts.</param>
    /// <returns>Null where no draw has the figure.</returns>
    public static ConfidenceInterval? Interval(IReadOnlyList<long> counts, Func<long[], double> figure)
    {
        var random = new Random(Seed);
        var drawn = new long[counts.Count];
        var figures = new List<double>(Draws);
        for (var draw = 0; draw < Draws; draw++)
        {
            for (var i = 0; i < drawn.Length; i++)
                drawn[i] = Poisson(random, counts[i]);
            var value = figure(drawn);
            if (double.IsFinite(value))
                figures.Add(value);
        }
        if (figures.Count == 0)
            return null;
        figures.Sort();
        var cut = (int)((1 - ConfidenceInterval.DefaultLevel) / 2 * figures.Count);
        return new(figures[cut], figures[^(cut + 1)]);
    }

    private static long Poisson(Random random, double mean)
    {
        if (mean == 0)
            return 0;
        if (mean >= LeastNormal)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            return (long)Math.Max(0, Math.Round(mean + Math.Sqrt(mean) * normal));
        }
        // As many as uniform numbers can be multiplied before the product falls below e^−mean (D. Knuth).
        var least = Math.Exp(-mean);
        var product = random.NextDouble();
        long count = 0;
        for (; product > least; count++)
            product *= random.NextDouble();
        return count;
    }
}
