using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MlService.Learning.Metrics;

/// <summary>
/// Judges scores of a binary model. Mergeable: parts of the data added to several and merged give what one would have given.
/// Memory is bounded: up to <see cref="MaxExactScores"/> scores are kept as they are, then all go into some 130,000 buckets.
/// One per thread.
/// </summary>
public sealed class BinaryMetrics
{
    /// <summary>Scores kept exactly; above, thresholds and areas are those of scores rounded to their bucket.</summary>
    public const int MaxExactScores = 1 << 20;

    /// <summary>Bins of the report's histograms.</summary>
    public const int HistogramBins = 100;

    // The loss of being certain and wrong stays finite: probabilities are kept this far from 0 and 1 (binary32's epsilon).
    internal const double ProbabilityMargin = 1.1920928955078125e-7;

    // Bits of a score, then one for its label: a number that sorts by the score. Cleared where buckets count.
    private readonly List<uint> _labelledScores;
    private readonly long[] _positiveHistogram = new long[HistogramBins];
    private readonly long[] _negativeHistogram = new long[HistogramBins];
    private readonly int _exactScores;
    private long[]? _positiveBuckets;
    private long[]? _negativeBuckets;
    private double _logLoss;
    private double _brier;

    /// <summary>Starts with no records.</summary>
    public BinaryMetrics() : this(MaxExactScores) { }

    /// <summary>Starts with no records.</summary>
    /// <param name="exactScores">In place of <see cref="MaxExactScores"/>.</param>
    /// <param name="expected">Records to make room for at once.</param>
    internal BinaryMetrics(int exactScores, long expected = 0)
    {
        _exactScores = exactScores;
        _labelledScores = new List<uint>((int)Math.Min(expected, exactScores));
    }

    /// <summary>Number of records.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds one record.</summary>
    /// <param name="score">Predicted probability of 1, 0 to 1.</param>
    /// <param name="positive">Whether it is 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(float score, bool positive)
    {
        if (!(score >= 0 && score <= 1))
            throw new ArgumentOutOfRangeException(nameof(score), score, "A score is a probability, 0 to 1.");
        Rows++;
        var probability = Math.Clamp(score, ProbabilityMargin, 1 - ProbabilityMargin);
        _logLoss -= Math.Log(positive ? probability : 1 - probability);
        var error = positive ? 1 - (double)score : score;
        _brier += error * error;
        var bin = Math.Min((int)(score * HistogramBins), HistogramBins - 1);
        (positive ? _positiveHistogram : _negativeHistogram)[bin]++;
        if (_positiveBuckets is not null)
            (positive ? _positiveBuckets : _negativeBuckets!)[ScoreBuckets.Of(score)]++;
        else
        {
            _labelledScores.Add(Labelled(score, positive));
            if (Rows > _exactScores)
                ToBuckets();
        }
    }

    /// <summary>Adds all records of another.</summary>
    public void Merge(BinaryMetrics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Rows += other.Rows;
        _logLoss += other._logLoss;
        _brier += other._brier;
        AddTo(_positiveHistogram, other._positiveHistogram);
        AddTo(_negativeHistogram, other._negativeHistogram);
        _labelledScores.AddRange(other._labelledScores);
        if (other._positiveBuckets is null && _positiveBuckets is null && Rows <= _exactScores)
            return;
        ToBuckets();
        if (other._positiveBuckets is null)
            return;
        AddTo(_positiveBuckets!, other._positiveBuckets);
        AddTo(_negativeBuckets!, other._negativeBuckets!);
    }

    /// <summary>Writes all that was added, for <see cref="Merge"/> in another process.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Rows);
        writer.Write(_logLoss);
        writer.Write(_brier);
        ShardFormat.WriteArray<long>(writer, _positiveHistogram);
        ShardFormat.WriteArray<long>(writer, _negativeHistogram);
        ShardFormat.WriteArray<uint>(writer, CollectionsMarshal.AsSpan(_labelledScores));
        ShardFormat.WriteArray<long>(writer, _positiveBuckets ?? []);
        ShardFormat.WriteArray<long>(writer, _negativeBuckets ?? []);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Of a stream that can seek.</param>
    /// <exception cref="InvalidInputException">The bytes are damaged.</exception>
    public static BinaryMetrics Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var metrics = new BinaryMetrics { Rows = reader.ReadInt64(), _logLoss = reader.ReadDouble(), _brier = reader.ReadDouble() };
        Take(metrics._positiveHistogram);
        Take(metrics._negativeHistogram);
        var scores = ShardFormat.ReadArray<uint>(reader);
        if (scores.AsSpan().ContainsAnyExceptInRange(0u, Labelled(1, true)))
            throw ShardFormat.Damaged("a score is no probability");
        metrics._labelledScores.AddRange(scores);
        var (positive, negative) = (ShardFormat.ReadArray<long>(reader), ShardFormat.ReadArray<long>(reader));
        if (positive.Length != negative.Length || positive.Length is not (0 or ScoreBuckets.Count)
            || (positive.Length == 0 && metrics.Rows != metrics._labelledScores.Count))
            throw ShardFormat.Damaged("scores and their number disagree");
        if (positive.Length > 0)
            (metrics._positiveBuckets, metrics._negativeBuckets) = (positive, negative);
        return metrics;

        void Take(long[] histogram)
        {
            var counts = ShardFormat.ReadArray<long>(reader);
            if (counts.Length != histogram.Length)
                throw ShardFormat.Damaged($"a histogram of {counts.Length} bins");
            counts.CopyTo(histogram, 0);
        }
    }

    /// <summary>The scores in order, for thresholds and curves.</summary>
    public ScoreRanking Rank()
    {
        if (_positiveBuckets is not null)
            return RankBuckets(_positiveBuckets, _negativeBuckets!);
        var sorted = Sorted();
        var distinct = 0;
        for (var i = 0; i < sorted.Length; i++)
            distinct += i == 0 || sorted[i] >> 1 != sorted[i - 1] >> 1 ? 1 : 0;
        var (scores, positives, negatives) = (new float[distinct], new long[distinct], new long[distinct]);
        // From the highest score down.
        for (int i = sorted.Length - 1, rank = -1; i >= 0; i--)
        {
            var score = ScoreOf(sorted[i]);
            if (rank < 0 || scores[rank] != score)
                scores[++rank] = score;
            (LabelOf(sorted[i]) == 1 ? positives : negatives)[rank]++;
        }
        return new(scores, positives, negatives);
    }

    /// <summary><see cref="ScoreRanking.Auc"/> of <see cref="Rank"/>, without its arrays.</summary>
    internal double? Auc()
    {
        if (_positiveBuckets is not null)
            return Rank().Auc;
        // Of each negative: the positives above it twice, and those that tie with it.
        long positives = 0, negatives = 0, doubled = 0;
        var sorted = Sorted();
        for (int end = sorted.Length, begin; end > 0; end = begin)
        {
            var hits = 0L;
            for (begin = end; begin > 0 && sorted[begin - 1] >> 1 == sorted[end - 1] >> 1; begin--)
                hits += LabelOf(sorted[begin - 1]);
            var alarms = end - begin - hits;
            doubled += alarms * (2 * positives + hits);
            positives += hits;
            negatives += alarms;
        }
        return positives == 0 || negatives == 0 ? null : doubled / (2.0 * positives * negatives);
    }

    // A sum with 0 is never the negative zero.
    private static uint Labelled(float score, bool positive) => BitConverter.SingleToUInt32Bits(score + 0f) << 1 | (positive ? 1u : 0);

    private static float ScoreOf(uint labelledScore) => BitConverter.UInt32BitsToSingle(labelledScore >> 1);

    private static uint LabelOf(uint labelledScore) => labelledScore & 1;

    private Span<uint> Sorted()
    {
        var scores = CollectionsMarshal.AsSpan(_labelledScores);
        scores.Sort();
        return scores;
    }

    /// <summary>Everything there is to say.</summary>
    /// <param name="threshold">Scores from here up are predicted as 1.</param>
    public BinaryReport ToReport(double threshold = 0.5)
    {
        var ranking = Rank();
        var counts = ranking.At(threshold);
        var reliability = ranking.Reliability();
        return new BinaryReport
        {
            Rows = Rows,
            Positives = ranking.Positives,
            Negatives = ranking.Negatives,
            Auc = ranking.Auc,
            AucInterval = ranking.AucInterval(),
            LogLoss = Rows == 0 ? null : _logLoss / Rows,
            BrierScore = Rows == 0 ? null : _brier / Rows,
            ExpectedCalibrationError = ScoreRanking.CalibrationError(reliability),
            Reliability = reliability,
            Threshold = threshold,
            TruePositives = counts.TruePositives,
            FalsePositives = counts.FalsePositives,
            TrueNegatives = counts.TrueNegatives,
            FalseNegatives = counts.FalseNegatives,
            Accuracy = counts.Accuracy,
            Precision = counts.Precision,
            Recall = counts.Recall,
            F1 = counts.F1,
            FalsePositiveRate = counts.FalsePositiveRate,
            PositiveShare = counts.PositiveShare,
            PositiveHistogram = [.. _positiveHistogram],
            NegativeHistogram = [.. _negativeHistogram],
            Curve = ranking.Curve(),
            Thresholds = [.. Enumerable.Range(0, 101).Select(percent => new ThresholdCounts(percent / 100.0, ranking.At(percent / 100.0)))],
        };
    }

    private static ScoreRanking RankBuckets(long[] positives, long[] negatives)
    {
        var used = Enumerable.Range(0, ScoreBuckets.Count).Reverse().Where(bucket => positives[bucket] + negatives[bucket] > 0).ToArray();
        return new(
            [.. used.Select(ScoreBuckets.Least)],
            [.. used.Select(bucket => positives[bucket])],
            [.. used.Select(bucket => negatives[bucket])]);
    }

    private void ToBuckets()
    {
        _positiveBuckets ??= new long[ScoreBuckets.Count];
        _negativeBuckets ??= new long[ScoreBuckets.Count];
        foreach (var scored in _labelledScores)
            (LabelOf(scored) == 1 ? _positiveBuckets : _negativeBuckets)[ScoreBuckets.Of(ScoreOf(scored))]++;
        _labelledScores.Clear();
        _labelledScores.TrimExcess();
    }

    private static void AddTo(long[] sums, long[] others)
    {
        for (var i = 0; i < sums.Length; i++)
            sums[i] += others[i];
    }
}
