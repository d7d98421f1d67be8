using MlService.Learning.Features;
using MlService.Learning.Models;
using DataType = MlService.Learning.Onnx.TensorProto.Types.DataType;

namespace MlService.Learning.Onnx;

/// <summary>What the features of one slot add to the scores: a tensor of binary64, rows × outputs.</summary>
/// <param name="graph">Receives the operators.</param>
/// <param name="model">The model.</param>
/// <param name="features">The slot's features.</param>
internal sealed class SlotTranslation(GraphBuilder graph, LinearModel model, SlotFeatures features)
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
        var value = features.Value(number);
        var id = features.IdOf(""u8);
        double center = id >= 0 && id < model.Centers.Length ? model.Centers[id] : 0;
        var product = graph.Add("Mul", graph.Add("Sub", value, graph.Constant([center], [])), Row(id));
        return graph.Add("Where", graph.Add("IsNaN", number), Row(features.IdOf(FeaturePlan.Missing)), product);
    }

    /// <summary>Weights of tokens, each counted once in a row.</summary>
    private string AddTokens(TokenTensor tokens) => AddRows(features.DistinctPlaces(tokens), WeightRows(features.Ids));

    /// <summary>Weights of tokens times what these count: their rarity, divided by the length of the row.</summary>
    private string AddWeighted(TokenTensor tokens)
    {
        var (index, values) = features.Weighted(tokens, model.Summary.Examples);
        var rows = graph.Cast(graph.Add("Gather", WeightRows(features.Ids), index), DataType.Double);
        var weighted = graph.Add("Mul", rows, graph.Add("Unsqueeze", values, graph.Constant([2L], 1)));
        return graph.Add("ReduceSum", [weighted, graph.Constant([1L], 1)], [GraphBuilder.Attribute("keepdims", 0)]);
    }

    /// <summary>Sums the rows of a table at indices (rows × width).</summary>
    private string AddRows(string index, string table)
    {
        var rows = graph.Cast(graph.Add("Gather", table, index), DataType.Double);
        return graph.Add("ReduceSum", [rows, graph.Constant([1L], 1)], [GraphBuilder.Attribute("keepdims", 0)]);
    }

    private string Table(IReadOnlyList<byte[]?> tokens) => WeightRows([.. tokens.Select(token => token is null ? -1 : features.IdOf(token))]);

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
}
