namespace MlService.Benchmarks.Data;

/// <summary>What the true model says of a row, and what the row's target became.</summary>
/// <param name="Expected">Probability of 1, number of the likeliest class, or mean.</param>
/// <param name="Actual">The target: 0 or 1, number of the class, or value.</param>
internal readonly record struct OracleRow(double Expected, double Actual)
{
    /// <summary>The quality of the true model on rows, in words: no learner can be expected to pass it.</summary>
    public static string BestPossible(LearningTask task, List<OracleRow> rows) => task switch
    {
        LearningTask.Binary => $"positives {rows.Average(row => row.Actual):F4}, best possible AUC {Auc(rows):F4}, "
            + $"log loss {-rows.Average(row => Math.Log(row.Actual == 1 ? row.Expected : 1 - row.Expected)):F4}",
        LearningTask.Multiclass => $"best possible accuracy {rows.Average(row => row.Expected == row.Actual ? 1.0 : 0):F4}",
        _ => $"best possible RMSE {Math.Sqrt(rows.Average(row => (row.Actual - row.Expected) * (row.Actual - row.Expected))):F4}",
    };

    /// <summary>
    /// Area under the ROC curve as the statistic of Mann and Whitney: (R - P(P + 1)/2) / (P N), R the sum of the ranks of the P
    /// positives among all rows by rising probability, N the negatives. NaN where one of them is none.
    /// </summary>
    static double Auc(List<OracleRow> rows)
    {
        rows.Sort((left, right) => left.Expected.CompareTo(right.Expected));
        double positives = 0, ranks = 0;
        for (var rank = 1; rank <= rows.Count; rank++)
        {
            positives += rows[rank - 1].Actual;
            ranks += rank * rows[rank - 1].Actual;
        }
        return (ranks - positives * (positives + 1) / 2) / (positives * (rows.Count - positives));
    }
}
