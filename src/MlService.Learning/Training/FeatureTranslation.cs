using System.Runtime.CompilerServices;

namespace MlService.Learning.Training;

/// <summary>Turns examples from a shard's own numbering to the common one, with numbers as (value − mean) / deviation
/// and the tokens of <c>tfidf</c> outputs with their weights. Shared by threads.</summary>
internal sealed class FeatureTranslation
{
    private readonly int[] _map;            // by local id, -1 for dropped
    private readonly double[] _means;       // by common id
    private readonly double[] _scales;
    private readonly TokenWeights _tokenWeights;
    private readonly float[] _weightFactors;
    private readonly double _targetMean;
    private readonly double _targetScale = 1;

    public FeatureTranslation(FeatureNumbering numbering, int shard, bool scalesTarget)
    {
        _map = numbering.Maps[shard];
        _weightFactors = numbering.WeightFactors;
        var numbers = numbering.Numbers;
        _tokenWeights = numbering.TokenWeights;
        var size = Math.Max(_tokenWeights.Features, numbers.Count == 0 ? 0 : numbers.Keys.Max() + 1);
        _means = new double[size];
        _scales = new double[size];
        Array.Fill(_scales, 1);
        foreach (var (id, moments) in numbers)
            (_means[id], _scales[id]) = (moments.Mean, moments.Scale);
        if (scalesTarget)
            (_targetMean, _targetScale) = (numbering.Target.Mean, numbering.Target.Scale);
    }

    /// <summary>Turns the examples of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(ExampleBlock block)
    {
        var map = _map;
        Span<float> squares = stackalloc float[_tokenWeights.Groups];
        for (var row = 0; row < block.Rows; row++)
        {
            var tokens = block.Tokens(row);
            var (tokenCount, numberCount) = (0, 0);
            foreach (var local in tokens)
            {
                var id = map[local];
                tokens[tokenCount] = id;
                tokenCount += id < 0 ? 0 : 1;
            }
            var numbers = block.Numbers(row);
            var values = block.Values(row);
            for (var i = 0; i < numbers.Length; i++)
            {
                var id = map[numbers[i]];
                if (id < 0)
                    continue;
                numbers[numberCount] = id;
                values[numberCount++] = (float)((values[i] - _means[id]) / _scales[id]);
            }
            if (!_tokenWeights.IsEmpty)
                _tokenWeights.Apply(numbers[..numberCount], values[..numberCount], squares);
            if (tokenCount < tokens.Length || numberCount < numbers.Length)
                block.Shorten(row, tokenCount, numberCount);
            var label = block.LabelOf(row);
            var factor = _weightFactors.Length == 1 ? _weightFactors[0] : _weightFactors[(int)label];
            block.SetTarget(row, (float)((label - _targetMean) / _targetScale), block.WeightOf(row) * factor);
        }
    }
}
