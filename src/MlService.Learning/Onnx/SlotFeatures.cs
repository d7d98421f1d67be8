using Google.Protobuf;
using MlService.Learning.Features;
using DataType = MlService.Learning.Onnx.TensorProto.Types.DataType;

namespace MlService.Learning.Onnx;

/// <summary>The features of one slot, and how they are found in a graph.</summary>
/// <param name="graph">Receives the operators.</param>
/// <param name="vocabulary">The model's features.</param>
/// <param name="ids">Ids of those of the slot.</param>
internal sealed class SlotFeatures(GraphBuilder graph, FeatureVocabulary vocabulary, int[] ids)
{
    /// <summary>Their ids.</summary>
    public IReadOnlyList<int> Ids => ids;

    /// <summary>Their number.</summary>
    public int Count => ids.Length;

    /// <summary>The id of a token; -1 if it is no feature.</summary>
    public int IdOf(ReadOnlySpan<byte> token)
    {
        foreach (var id in ids)
            if (vocabulary.Token(id).SequenceEqual(token))
                return id;
        return -1;
    }

    /// <summary>The place of an id.</summary>
    public int PlaceOf(int id) => Array.IndexOf(ids, id);

    /// <summary>The places of tokens among the ids; <see cref="Count"/> for unknown ones.</summary>
    public string Places(TokenTensor tokens) => graph.Add(
        "LabelEncoder", [tokens.Name],
        [
            GraphBuilder.Attribute("keys_strings", ids.Select(id => ByteString.CopyFrom(vocabulary.Token(id))).DefaultIfEmpty(ByteString.Empty)),
            GraphBuilder.Attribute("values_int64s", ids.Select((_, place) => (long)place).DefaultIfEmpty(ids.Length)),
            GraphBuilder.Attribute("default_int64", ids.Length),
        ], GraphBuilder.MachineLearning);

    /// <summary>The places of tokens, each once in a row; unknown ones, and what is twice, behind them.</summary>
    public string DistinctPlaces(TokenTensor tokens)
    {
        var places = Places(tokens);
        if (tokens.IsSingle)
            return places;
        // Sorted, equal ones lie side by side.
        var width = graph.Add("Shape", [places], [GraphBuilder.Attribute("start", 1)]);
        var sorted = graph.Sort(places, width);
        var before = graph.Add(
            "Slice", graph.Add("Pad", sorted, graph.Constant([0L, 1, 0, 0], 4), graph.Constant([-1L], [])),
            graph.Constant([0L], 1), graph.Constant([-1L], 1), graph.Constant([1L], 1));
        return graph.Add("Where", graph.Add("Equal", sorted, before), graph.Constant([(long)ids.Length], []), sorted);
    }

    /// <summary>The places of tokens, each once in a row, and what they count there: their rarity, divided by the length of the row, as binary64.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="examples">Number of training examples.</param>
    public (string Places, string Values) Weighted(TokenTensor tokens, long examples)
    {
        var places = DistinctPlaces(tokens);
        float[] rarities = [.. ids.Select(id => TokenRarity.Of(vocabulary.Occurrences(id), examples)), 0];
        var values = graph.Add("Gather", graph.Constant(rarities, rarities.Length), places);
        var squares = graph.Add("ReduceSum", graph.Add("Mul", values, values), graph.Constant([1L], 1));
        // A row without a known token has the length 0, and its values are 0 whatever they are divided by.
        var length = graph.Add("Sqrt", graph.Add("Max", squares, graph.Constant([1e-9f], [])));
        return (places, graph.Cast(graph.Add("Div", values, length), DataType.Double));
    }

    /// <summary>A number as a feature has it: binary32, and what is beyond its range counts as its end; NaN stays.</summary>
    public string Value(string number)
    {
        var clipped = graph.Add(
            "Clip", number, graph.Constant([(double)float.MinValue], []), graph.Constant([(double)float.MaxValue], []));
        return graph.Cast(graph.Cast(clipped, DataType.Float), DataType.Double);
    }
}
