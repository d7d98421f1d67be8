using Google.Protobuf;
using MlService.Learning.Features;
using MlService.Learning.Models;
using DataType = MlService.Learning.Onnx.TensorProto.Types.DataType;

namespace MlService.Learning.Onnx;

/// <summary>What the features of one slot add to the scores: a tensor of binary64, rows × outputs.</summary>
/// <param name="graph">Receives the operators.</param>
/// <param name="model">The model.</param>
/// <param name="features">Ids of the slot's features.</param>
internal sealed class SlotTranslation(GraphBuilder graph, LinearModel model, int[] features)
{
    public string Add(PlanTranslation plan, PlanSlot slot) => slot.Kind switch
    {
        PlanSlotKind.Value => AddNumber(plan.Number(slot.Step)),
        PlanSlotKind.Binary => AddRows(plan.Binary(slot.Attribute), Table([null, ""u8.ToArray(), FeaturePlan.Missing.ToArray()])),
        PlanSlotKind.Flag => AddRows(graph.Cast(plan.Number(slot.Step), DataType.Int64), Table([null, ""u8.ToArray()])),
        PlanSlotKind.Bin => AddRows(plan.Bin(slot.Step), Table([.. model.Plan.Steps[slot.Step].BinTokens, FeaturePlan.Missing.ToArray()])),
        PlanSlotKind.Category => AddTokens(new TokenTensor(plan.Text(slot.Attribute), IsSingle: true)),
        PlanSlotKind.Words => AddTokens(plan.Words(slot.Attribute)),
        PlanSlotKind.Tokens => AddTokens(plan.Tokens(slot.Step)),
        PlanSlotKind.WeightedTokens => AddWeighted(plan.Tokens(slot.Step)),
        _ => throw new InvalidInputException($"{slot.Kind} has no counterpart among ONNX's operators"),
    };

    private string AddNumber(string number)
    {
        // A feature is a binary32 number, and what is beyond its range counts as its end.
        var clipped = graph.Add(
            "Clip", number, graph.Constant([(double)float.MinValue], []), graph.Constant([(double)float.MaxValue], []));
        var value = graph.Cast(graph.Cast(clipped, DataType.Float), DataType.Double);
        var id = Find(""u8);
        double center = id >= 0 && id < model.Centers.Length ? model.Centers[id] : 0;
        var product = graph.Add("Mul", graph.Add("Sub", value, graph.Constant([center], [])), Row(id));
        return graph.Add("Where", graph.Add("IsNaN", number), Row(Find(FeaturePlan.Missing)), product);
    }

    /// <summary>Weights of tokens, each counted once in a row.</summary>
    private string AddTokens(TokenTensor tokens) => AddRows(Index(tokens), WeightRows([.. features]));

    /// <summary>Weights of tokens times what these count: their rarity, divided by the length of the row.</summary>
    private string AddWeighted(TokenTensor tokens)
    {
        var index = Index(tokens);
        float[] rarities = [.. features.Select(id => TokenRarity.Of(model.Vocabulary.Occurrences(id), model.Summary.Examples)), 0];
        var values = graph.Cast(graph.Add("Gather", graph.Constant(rarities, rarities.Length), index), DataType.Double);
        var one = graph.Constant([1L], 1);
        var squares = graph.Add("ReduceSum", graph.Add("Mul", values, values), one);
        // A row without a known token has the length 0, and adds 0 whatever it is divided by.
        var length = graph.Add("Sqrt", graph.Add("Max", squares, graph.Constant([1e-9], [])));
        var rows = graph.Cast(graph.Add("Gather", WeightRows([.. features]), index), DataType.Double);
        var weighted = graph.Add("Mul", rows, graph.Add("Unsqueeze", graph.Add("Div", values, length), graph.Constant([2L], 1)));
        return graph.Add("ReduceSum", [weighted, one], [GraphBuilder.Attribute("keepdims", 0)]);
    }

    /// <summary>The places of tokens among the slot's features, each once in a row; unknown ones, and what is twice, behind them.</summary>
    private string Index(TokenTensor tokens)
    {
        var unknown = features.Length;
        var index = graph.Add(
            "LabelEncoder", [tokens.Name],
            [
                GraphBuilder.Attribute("keys_strings", features.Select(id => ByteString.CopyFrom(model.Vocabulary.Token(id)))
                    .DefaultIfEmpty(ByteString.Empty)),
                GraphBuilder.Attribute("values_int64s", features.Select((_, row) => (long)row).DefaultIfEmpty(unknown)),
                GraphBuilder.Attribute("default_int64", unknown),
            ], GraphBuilder.MachineLearning);
        return tokens.IsSingle ? index : Distinct(index, unknown);
    }

    /// <summary>Sorts each row's indices and turns all but one of equals into the unknown one, whose weight is 0.</summary>
    private string Distinct(string index, long unknown)
    {
        var one = graph.Constant([1L], 1);
        var width = graph.Add("Shape", [index], [GraphBuilder.Attribute("start", 1)]);
        var sorted = graph.Sort(index, width);
        var before = graph.Add(
            "Slice", graph.Add("Pad", sorted, graph.Constant([0L, 1, 0, 0], 4), graph.Constant([-1L], [])),
            graph.Constant([0L], 1), graph.Constant([-1L], 1), one);
        return graph.Add("Where", graph.Add("Equal", sorted, before), graph.Constant([unknown], []), sorted);
    }

    /// <summary>Sums the rows of a table at indices (rows × width).</summary>
    private string AddRows(string index, string table)
    {
        var rows = graph.Cast(graph.Add("Gather", table, index), DataType.Double);
        return graph.Add("ReduceSum", [rows, graph.Constant([1L], 1)], [GraphBuilder.Attribute("keepdims", 0)]);
    }

    private string Table(IReadOnlyList<byte[]?> tokens) => WeightRows([.. tokens.Select(token => token is null ? -1 : Find(token))]);

    /// <summary>The weights of features, and a row of zeros behind them.</summary>
    private string WeightRows(IReadOnlyList<int> ids)
    {
        var outputs = model.Outputs;
        var weights = new float[(ids.Count + 1) * outputs];
        for (var row = 0; row < ids.Count; row++)
            Weights(ids[row]).CopyTo(weights.AsSpan(row * outputs));
        return graph.Constant(weights, ids.Count + 1, outputs);
    }

    private string Row(int id)
    {
        var row = new double[model.Outputs];
        var weights = Weights(id);
        for (var k = 0; k < weights.Length; k++)
            row[k] = weights[k];
        return graph.Constant(row, 1, row.Length);
    }

    private ReadOnlySpan<float> Weights(int id) => id < 0 ? [] : model.WeightValues.AsSpan(id * model.Outputs, model.Outputs);

    private int Find(ReadOnlySpan<byte> token)
    {
        foreach (var id in features)
            if (model.Vocabulary.Token(id).SequenceEqual(token))
                return id;
        return -1;
    }
}
