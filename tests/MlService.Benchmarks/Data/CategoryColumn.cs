using System.Text;
using MlService.Samples;

namespace MlService.Benchmarks.Data;

/// <summary>The values of a categorical column, or the words of a text, by falling frequency, with their true weights.</summary>
internal sealed class CategoryColumn
{
    readonly byte[][] _names;
    readonly float[] _weights;
    readonly int _scores;
    readonly ZipfDistribution _frequencies;

    /// <summary>Gives each name one normal weight a score.</summary>
    public CategoryColumn(string[] names, double deviation, int scores, Xoshiro256 random)
    {
        _names = Array.ConvertAll(names, Encoding.UTF8.GetBytes);
        _scores = scores;
        _frequencies = new(names.Length);
        _weights = new float[names.Length * scores];
        foreach (ref var weight in _weights.AsSpan())
            weight = (float)(deviation * random.NextGaussian());
    }

    /// <summary>Draws a value, adds its weights to the scores, and returns its name in UTF-8.</summary>
    public ReadOnlySpan<byte> Draw(Xoshiro256 random, Span<double> scores)
    {
        var rank = _frequencies.Draw(random);
        var weights = _weights.AsSpan(rank * _scores, _scores);
        for (var k = 0; k < scores.Length; k++)
            scores[k] += weights[k];
        return _names[rank];
    }
}
