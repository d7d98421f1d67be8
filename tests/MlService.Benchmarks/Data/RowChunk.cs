using System.Buffers;
using System.Globalization;
using MlService.Samples;

namespace MlService.Benchmarks.Data;

/// <summary>
/// A run of generated rows. It has a random stream of its own, so chunks are made side by side and the file is the same
/// however many cores made it.
/// </summary>
internal sealed class RowChunk
{
    /// <summary>Rows of every chunk but the last.</summary>
    public const int Size = 50_000;

    // Set so that seed 7 gives about one positive in five, a best possible AUC of 0.85 and a best possible accuracy of 0.53.
    const double BinaryScale = 0.84, BinaryIntercept = -2;
    const double MulticlassScale = 0.83;
    const double RegressionMean = 50, RegressionScale = 10, RegressionNoise = 8;
    const double QuotedShare = 0.1;

    readonly LearningTask _task;
    readonly LinearTruth _truth;
    readonly Xoshiro256 _random;
    readonly double _missing;
    readonly ArrayBufferWriter<byte> _text;
    readonly int[] _ends;
    readonly OracleRow[] _oracle;

    /// <summary>Generates <paramref name="rows"/> rows as chunk number <paramref name="index"/>.</summary>
    /// <param name="missing">Share of empty fields among the numbers, 0 to 1.</param>
    public RowChunk(LearningTask task, LinearTruth truth, ulong seed, int index, int rows, double missing)
    {
        // Hashing the seed first keeps the streams of seed 7, chunk 1 and of seed 8, chunk 0 apart.
        _random = new(Xoshiro256.SplitMix64(ref seed) + (ulong)index);
        (_task, _truth, _missing) = (task, truth, missing);
        _text = new(rows * 160);
        _ends = new int[rows];
        _oracle = new OracleRow[rows];
        Span<double> scores = stackalloc double[truth.Scores];
        for (var row = 0; row < rows; row++)
        {
            WriteRow(scores, out _oracle[row]);
            _ends[row] = _text.WrittenCount;
        }
    }

    /// <summary>Rows of this chunk.</summary>
    public int Rows => _ends.Length;

    /// <summary>The first line of every file.</summary>
    public static ReadOnlySpan<byte> Header => "n0,n1,n2,n3,n4,n5,n6,n7,c0,c1,c2,c3,c4,c5,c6,c7,b0,b1,txt,y\n"u8;

    /// <summary>The lines of rows <paramref name="begin"/> up to, not including, <paramref name="end"/>.</summary>
    public ReadOnlyMemory<byte> Lines(int begin, int end) => _text.WrittenMemory[EndOf(begin)..EndOf(end)];

    /// <summary>What the true model says of the rows from <paramref name="begin"/> on.</summary>
    public ReadOnlySpan<OracleRow> Oracle(int begin) => _oracle.AsSpan(begin);

    int EndOf(int rows) => rows == 0 ? 0 : _ends[rows - 1];

    void WriteRow(Span<double> scores, out OracleRow oracle)
    {
        scores.Clear();
        Span<double> z = stackalloc double[LinearTruth.Numbers - 2];
        foreach (ref var value in z)
            value = _random.NextGaussian();
        Number((int)(18 + 70 / (1 + Math.Exp(-0.9 * z[0]))), "0");
        Number(Math.Exp(3 + 0.8 * z[1]), "F2");
        Number(z[2], "F4");
        Number(z[3], "F6");
        Number(100 + 15 * z[4], "F1");
        Number(Math.Floor(Math.Exp(2 + z[5])), "F0");
        Number(-Math.Log(1 - _random.NextDouble()), "F3");
        Number(_random.NextDouble(), "F5");
        foreach (var column in _truth.Categories)
        {
            _text.Write(column.Draw(_random, scores));
            _text.Write(","u8);
        }
        Span<bool> binaries = [_random.NextBool(0.3), _random.NextBool(0.55)];
        foreach (var binary in binaries)
            _text.Write(binary ? "1,"u8 : "0,"u8);
        WriteText(scores);
        _truth.AddTo(scores, z, binaries);
        oracle = WriteTarget(scores);
        _text.Write("\n"u8);
    }

    void Number(double value, string format)
    {
        if (_missing == 0 || !_random.NextBool(_missing))
            Append(value, format);
        _text.Write(","u8);
    }

    void Append(double value, string format)
    {
        value.TryFormat(_text.GetSpan(32), out var written, format, CultureInfo.InvariantCulture);
        _text.Advance(written);
    }

    /// <summary>Three to ten words; one row in ten has a comma after the first and needs quotes.</summary>
    void WriteText(Span<double> scores)
    {
        var words = 3 + _random.NextInt(8);
        var quoted = _random.NextBool(QuotedShare);
        if (quoted)
            _text.Write("\""u8);
        for (var word = 0; word < words; word++)
        {
            if (word > 0)
                _text.Write(quoted && word == 1 ? ", "u8 : " "u8);
            _text.Write(_truth.Words.Draw(_random, scores));
        }
        _text.Write(quoted ? "\","u8 : ","u8);
    }

    OracleRow WriteTarget(ReadOnlySpan<double> scores)
    {
        switch (_task)
        {
            case LearningTask.Binary:
                var probability = 1 / (1 + Math.Exp(-(BinaryScale * scores[0] + BinaryIntercept)));
                var positive = _random.NextBool(probability);
                _text.Write(positive ? "1"u8 : "0"u8);
                return new(probability, positive ? 1 : 0);
            case LearningTask.Multiclass:
                var (likeliest, drawn) = DrawClass(scores);
                _text.Write("k"u8);
                Append(drawn, "0");
                return new(likeliest, drawn);
            default:
                var mean = RegressionMean + RegressionScale * scores[0];
                var value = mean + RegressionNoise * _random.NextGaussian();
                Append(value, "F3");
                return new(mean, value);
        }
    }

    (int Likeliest, int Drawn) DrawClass(ReadOnlySpan<double> scores)
    {
        Span<double> odds = stackalloc double[scores.Length];
        var likeliest = 0;
        var sum = 0.0;
        for (var k = 0; k < odds.Length; k++)
        {
            sum += odds[k] = Math.Exp(MulticlassScale * scores[k]);
            if (scores[k] > scores[likeliest])
                likeliest = k;
        }
        var rest = _random.NextDouble() * sum;
        var drawn = 0;
        while (drawn < odds.Length - 1 && rest >= odds[drawn])
            rest -= odds[drawn++];
        return (likeliest, drawn);
    }
}
