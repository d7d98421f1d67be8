using CsCheck;
using MlService.Learning.Metrics;

namespace MlService.Learning.Tests.Metrics;

public class BinaryMetricsTests
{
    // Few different scores, so that ties are common.
    private static readonly Gen<(float Score, bool Positive)[]> Records =
        Gen.Select(Gen.Int[0, 20], Gen.Bool).Select((score, positive) => (score / 20f, positive)).Array[1, 60];

    private const int ExactScores = 1000;

    [Fact]
    public void AucIsTheShareOfPairsInTheRightOrderWithTiesCountingHalf() => Records.Sample(records =>
    {
        var positives = records.Where(record => record.Positive).ToArray();
        var negatives = records.Where(record => !record.Positive).ToArray();
        var right = positives.Sum(p => negatives.Sum(n => p.Score > n.Score ? 1.0 : p.Score == n.Score ? 0.5 : 0.0));
        var expected = positives.Length * negatives.Length == 0 ? (double?)null : right / positives.Length / negatives.Length;
        var actual = Of(records).ToReport().Auc;
        Assert.Equal(expected is null, actual is null);
        Assert.Equal(expected ?? 0, actual ?? 0, 12);
        Assert.Equal(actual, Of(records).Auc());
    });

    [Fact]
    public void ScoresThatWereSentAndAreNoneAreRefused()
    {
        using var sent = new MemoryStream();
        using (var writer = new BinaryWriter(sent, System.Text.Encoding.UTF8, leaveOpen: true))
            Of([(0.5f, true)]).Write(writer);
        // The score is the last but two empty arrays; as NaN it would have no place in any order.
        sent.Position = sent.Length - 3 * sizeof(int);
        sent.Write([0xFF, 0xFF, 0xFF, 0xFF]);
        sent.Position = 0;
        using var reader = new BinaryReader(sent);
        Assert.Throws<InvalidInputException>(() => BinaryMetrics.Read(reader));
    }

    [Fact]
    public void PartsMergedGiveTheReportOfTheWhole() => Gen.Select(Records, Gen.Int[0, 60]).Sample((records, cut) =>
    {
        var whole = Of(records).ToReport(0.4);
        var merged = Of(records.Take(cut));
        merged.Merge(Of(records.Skip(cut)));
        var parts = merged.ToReport(0.4);
        Assert.Equal(whole.Auc, parts.Auc);
        Assert.Equal(whole.LogLoss!.Value, parts.LogLoss!.Value, 1e-12);
        Assert.Equal(whole.TruePositives, parts.TruePositives);
        Assert.Equal(whole.PositiveHistogram, parts.PositiveHistogram);
        Assert.Equal(whole.Curve, parts.Curve);
        Assert.Equal(whole.Thresholds, parts.Thresholds);
    });

    [Fact]
    public void CountsAtAThresholdAreThoseOfALoopOverTheRecords() => Gen.Select(Records, Gen.Double[0, 1]).Sample((records, threshold) =>
    {
        var expected = new ConfusionCounts(
            records.Count(record => record.Positive && record.Score >= threshold),
            records.Count(record => !record.Positive && record.Score >= threshold),
            records.Count(record => !record.Positive && record.Score < threshold),
            records.Count(record => record.Positive && record.Score < threshold));
        Assert.Equal(expected, Of(records).Rank().At(threshold));
    });

    [Fact]
    public void TheThresholdOfATopShareIsTheHighestThatReachesIt() => Gen.Select(Records, Gen.Double[0.01, 1]).Sample((records, share) =>
    {
        var threshold = Of(records).Rank().ThresholdForTopShare(share);
        Assert.True(records.Count(record => record.Score >= threshold) >= share * records.Length - 1e-9);
        Assert.True(records.Count(record => record.Score > threshold) < Math.Ceiling(share * records.Length));
    });

    [Fact]
    public void ThresholdsForAFixedMetricKeepIt()
    {
        float[] scores = [0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f];
        bool[] labels = [false, false, true, false, true, false, true, true];
        var ranking = Of(scores.Zip(labels)).Rank();
        Assert.Equal(0.5f, ranking.ThresholdForRecall(0.75));
        Assert.Equal(0.3f, ranking.ThresholdForRecall(1));
        Assert.Equal(0.7f, ranking.ThresholdForFalsePositiveRate(0));
        Assert.Equal(0.5f, ranking.ThresholdForFalsePositiveRate(0.25));
        Assert.Equal(0.7f, ranking.ThresholdForPrecision(1));
        Assert.Equal(0.5f, ranking.ThresholdForPrecision(0.75));
        Assert.Equal(1, ranking.ThresholdForTopShare(0));
    }

    [Fact]
    public void HistogramsHaveAHundredBinsAndTheLastHoldsOne()
    {
        var report = Of([(0f, false), (0.005f, false), (0.5f, true), (0.999f, true), (1f, true)]).ToReport();
        Assert.Equal(100, report.PositiveHistogram.Count);
        Assert.Equal(2, report.NegativeHistogram[0]);
        Assert.Equal(1, report.PositiveHistogram[50]);
        Assert.Equal(2, report.PositiveHistogram[99]);
    }

    [Fact]
    public void PastTheExactScoresFiguresStayWithinTheWidthOfABucket()
    {
        var random = new Random(5);
        var exact = new List<(float, bool)>();
        var metrics = new BinaryMetrics(ExactScores);
        for (var i = 0; i < 50_000; i++)
        {
            var positive = random.NextDouble() < 0.1;
            // Logit-normal scores: most of them near 0, as with rare positives.
            var score = (float)(1 / (1 + Math.Exp(4 - (positive ? 1.5 : 0) - 2 * random.NextDouble() - 2 * random.NextDouble())));
            exact.Add((score, positive));
            metrics.Add(score, positive);
        }
        var ranking = metrics.Rank();
        var sorted = exact.OrderByDescending(record => record.Item1).ToArray();
        long hits = 0, pairs = 0, negatives = 0;
        foreach (var (_, positive) in sorted)
        {
            hits += positive ? 1 : 0;
            negatives += positive ? 0 : 1;
            pairs += positive ? 0 : hits;
        }
        Assert.Equal((double)pairs / hits / negatives, ranking.Auc!.Value, 4);
        var counts = ranking.At(ranking.ThresholdForTopShare(0.03));
        Assert.InRange(counts.PositiveShare, 0.03, 0.0305);
        Assert.Equal(exact.Count, counts.Total);
    }

    [Fact]
    public void ExactAndBucketedPartsMergeInEitherOrder()
    {
        var large = new BinaryMetrics(ExactScores);
        for (var i = 0; i <= ExactScores; i++)
            large.Add(i / (float)ExactScores, i % 3 == 0);
        var first = Of([(0.9f, true), (0.2f, false)]);
        first.Merge(large);
        large.Merge(Of([(0.9f, true), (0.2f, false)]));
        Assert.Equal(large.ToReport().Auc, first.ToReport().Auc);
        Assert.Equal(ExactScores + 3, first.Rank().Positives + first.Rank().Negatives);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-0.1f)]
    [InlineData(1.1f)]
    public void AScoreThatIsNoProbabilityIsRefused(float score) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BinaryMetrics().Add(score, true));

    [Fact]
    public void NoRecordsGiveAReportWithoutFigures()
    {
        var report = new BinaryMetrics().ToReport();
        Assert.Null(report.Auc);
        Assert.Null(report.LogLoss);
        Assert.Equal(0, report.Rows);
    }

    private static BinaryMetrics Of(IEnumerable<(float Score, bool Positive)> records)
    {
        var metrics = new BinaryMetrics();
        foreach (var (score, positive) in records)
            metrics.Add(score, positive);
        return metrics;
    }
}
