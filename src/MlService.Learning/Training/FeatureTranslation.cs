using System.Runtime.CompilerServices;

namespace MlService.Learning.Training;

/// <summary>Copies examples from a shard's own numbering to the common one, with numbers as (value − mean) / deviation.</summary>
internal sealed class FeatureTranslation
{
    private const int Dropped = -1;

    // By local id: a token's id; or −2 − id for a number; or Dropped.
    private readonly int[] _map;
    private readonly double[] _means;
    private readonly double[] _scales;
    private readonly float[] _weightFactors;
    private readonly double _targetMean;
    private readonly double _targetScale = 1;

    public FeatureTranslation(FeatureNumbering numbering, int shard, bool scalesTarget)
    {
        _map = numbering.Maps[shard];
        _weightFactors = numbering.WeightFactors;
        var numbers = numbering.Numbers;
        var size = numbers.Count == 0 ? 0 : numbers.Keys.Max() + 1;
        _means = new double[size];
        _scales = new double[size];
        foreach (var (id, moments) in numbers)
            (_means[id], _scales[id]) = (moments.Mean, moments.Scale);
        if (numbers.Count > 0)
            _map = [.. _map.Select(id => id >= 0 && numbers.ContainsKey(id) ? -2 - id : id)];
        if (scalesTarget)
            (_targetMean, _targetScale) = (numbering.Target.Mean, numbering.Target.Scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Copy(ExampleBlock from, int row, ExampleBlock to)
    {
        var map = _map;
        var tokens = from.Tokens(row);
        var numbers = from.Numbers(row);
        var values = from.Values(row);
        var tokenRoom = to.RoomForTokens(tokens.Length);
        var numberRoom = to.RoomForNumbers(tokens.Length + numbers.Length, out var valueRoom);
        int tokenCount = 0, numberCount = 0;
        foreach (var local in tokens)
        {
            var id = map[local];
            if (id >= 0)
                tokenRoom[tokenCount++] = id;
            else if (id != Dropped)
                AddNumber(-2 - id, 1, numberRoom, valueRoom, ref numberCount);
        }
        for (var i = 0; i < numbers.Length; i++)
        {
            var id = map[numbers[i]];
            if (id != Dropped)
                AddNumber(-2 - id, values[i], numberRoom, valueRoom, ref numberCount);
        }
        var label = from.Labels[row];
        var factor = _weightFactors.Length == 1 ? _weightFactors[0] : _weightFactors[(int)label];
        to.EndRow((float)((label - _targetMean) / _targetScale), from.Weights[row] * factor, tokenCount, numberCount);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddNumber(int id, float value, Span<int> ids, Span<float> values, ref int count)
    {
        ids[count] = id;
        values[count++] = (float)((value - _means[id]) / _scales[id]);
    }
}
