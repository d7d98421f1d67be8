namespace MlService.Learning.Metrics;

/// <summary>
/// Judges the predictions of a regression model. Residual = true − predicted: positive where the model is too low. Mergeable,
/// with memory that does not grow. One per thread.
/// </summary>
public sealed class RegressionMetrics
{
    private const int HistogramBins = 50;
    private const double ShownShare = 0.99;

    // Residuals by the upper 16 bits of their binary32 form: sign, exponent, 7 bits of mantissa, so 1/128 exact.
    private readonly long[] _buckets = new long[1 << 16];
    private JointHistogram _pairs = new();
    private double _squared;
    private double _absolute;
    private double _relative;
    private long _relativeRows;
    private double _residuals;
    private double _targetMean;
    private double _targetSquares;      // Σ (y − mean)²

    /// <summary>Number of records.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds one record.</summary>
    public void Add(double predicted, double actual)
    {
        if (!double.IsFinite(predicted) || !double.IsFinite(actual))
            throw new ArgumentOutOfRangeException(nameof(predicted), "Predicted and actual values must be finite.");
        var residual = actual - predicted;
        Rows++;
        _squared += residual * residual;
        _absolute += Math.Abs(residual);
        _residuals += residual;
        if (actual != 0)
        {
            _relative += Math.Abs(residual / actual);
            _relativeRows++;
        }
        var delta = actual - _targetMean;
        _targetMean += delta / Rows;
        _targetSquares += delta * (actual - _targetMean);
        _buckets[Bucket((float)residual)]++;
        _pairs.Add(actual, predicted);
    }

    /// <summary>Adds all records of another.</summary>
    public void Merge(RegressionMetrics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Rows == 0)
            return;
        // T. Chan, G. Golub, R. LeVeque: "Algorithms for Computing the Sample Variance", 1983.
        var rows = Rows + other.Rows;
        var delta = other._targetMean - _targetMean;
        _targetSquares += other._targetSquares + delta * delta * Rows * other.Rows / rows;
        _targetMean += delta * other.Rows / rows;
        Rows = rows;
        _squared += other._squared;
        _absolute += other._absolute;
        _relative += other._relative;
        _relativeRows += other._relativeRows;
        _residuals += other._residuals;
        for (var i = 0; i < _buckets.Length; i++)
            _buckets[i] += other._buckets[i];
        _pairs.Merge(other._pairs);
    }

    /// <summary>Writes all that was added, for <see cref="Merge"/> in another process.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Rows);
        writer.Write(_relativeRows);
        ShardFormat.WriteArray<double>(writer, [_squared, _absolute, _relative, _residuals, _targetMean, _targetSquares]);
        ShardFormat.WriteArray<long>(writer, _buckets);
        _pairs.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Of a stream that can seek.</param>
    /// <exception cref="InvalidInputException">The bytes are damaged.</exception>
    public static RegressionMetrics Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var metrics = new RegressionMetrics { Rows = reader.ReadInt64(), _relativeRows = reader.ReadInt64() };
        var sums = ShardFormat.ReadArray<double>(reader);
        var buckets = ShardFormat.ReadArray<long>(reader);
        if (sums.Length != 6 || buckets.Length != metrics._buckets.Length)
            throw ShardFormat.Damaged($"{sums.Length} sums and {buckets.Length} buckets");
        (metrics._squared, metrics._absolute, metrics._relative) = (sums[0], sums[1], sums[2]);
        (metrics._residuals, metrics._targetMean, metrics._targetSquares) = (sums[3], sums[4], sums[5]);
        buckets.CopyTo(metrics._buckets, 0);
        metrics._pairs = JointHistogram.Read(reader);
        return metrics;
    }

    /// <summary>Everything there is to say.</summary>
    /// <param name="trainingMean">Mean target of the training data: what the baseline always predicts.</param>
    public RegressionReport ToReport(double? trainingMean = null)
    {
        if (Rows == 0)
            return new RegressionReport { Rows = 0, ResidualHistogram = [], Predictions = PredictionTable.Empty };
        var distance = (trainingMean ?? _targetMean) - _targetMean;
        return new RegressionReport
        {
            Rows = Rows,
            Rmse = Math.Sqrt(_squared / Rows),
            RmseInterval = RmseInterval(),
            TargetMean = _targetMean,
            BaselineRmse = Math.Sqrt(_targetSquares / Rows + distance * distance),
            Mae = _absolute / Rows,
            Mape = _relativeRows == 0 ? null : _relative / _relativeRows,
            R2 = _targetSquares > 0 ? 1 - _squared / _targetSquares : null,
            MeanResidual = _residuals / Rows,
            ResidualHistogram = Histogram(),
            Predictions = PredictionTable.Of(_pairs),
        };
    }

    // Residuals are drawn by their buckets, and the draws scaled so that the undrawn buckets have the exact RMSE.
    private ConfidenceInterval? RmseInterval()
    {
        var used = Enumerable.Range(0, _buckets.Length).Where(bucket => _buckets[bucket] > 0).ToArray();
        var squares = used.Select(bucket => Math.Pow(Middle(bucket), 2)).ToArray();
        long[] counts = [.. used.Select(bucket => _buckets[bucket])];
        var scale = MeanSquare(counts) is > 0 and var drawn ? _squared / Rows / drawn : 1;
        return Bootstrap.Interval(counts, draw => Math.Sqrt(scale * MeanSquare(draw)));

        double MeanSquare(long[] rows)
        {
            double sum = 0, count = 0;
            for (var i = 0; i < rows.Length; i++)
            {
                sum += rows[i] * squares[i];
                count += rows[i];
            }
            return sum / count;
        }
    }

    // Sorts as numbers do: negative ones inverted, positive ones above them.
    private static int Bucket(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (int)((bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000) >>> 16;
    }

    private static double Middle(int bucket)
    {
        var bits = ((uint)bucket << 16) | 0x8000;
        return BitConverter.UInt32BitsToSingle((bits & 0x8000_0000) != 0 ? bits & 0x7FFF_FFFF : ~bits);
    }

    private HistogramBin[] Histogram()
    {
        // The middle 99 % at full width; what lies outside is counted in the first and the last bin.
        var cut = (long)((1 - ShownShare) / 2 * Rows);
        var low = Middle(Quantile(cut));
        var high = Middle(Quantile(Rows - 1 - cut));
        if (high <= low)
            return [new(low, high, Rows)];
        var width = (high - low) / HistogramBins;
        var counts = new long[HistogramBins];
        for (var bucket = 0; bucket < _buckets.Length; bucket++)
            if (_buckets[bucket] > 0)
                counts[Math.Clamp((int)((Middle(bucket) - low) / width), 0, HistogramBins - 1)] += _buckets[bucket];
        return [.. counts.Select((count, i) => new HistogramBin(low + i * width, low + (i + 1) * width, count))];
    }

    private int Quantile(long rank)
    {
        long before = 0;
        for (var bucket = 0; ; bucket++)
        {
            before += _buckets[bucket];
            if (before > rank)
                return bucket;
        }
    }
}
