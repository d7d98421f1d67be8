using Google.Protobuf;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Training;
using DataType = MlService.Learning.Onnx.TensorProto.Types.DataType;

namespace MlService.Learning.Onnx;

/// <summary>
/// Writes a model in the <see href="https://onnx.ai">ONNX</see> format, with all that its recipe does to the data. What runs it takes rows
/// as they stand in the data, and gives the predictions of a <see cref="Scoring.Scorer"/>.
/// </summary>
/// <remarks>
/// Inputs, each a column of shape (rows, 1) by the name of its attribute, for the attributes that the recipe uses: binary64 for NUMERIC, NaN
/// where missing; else text without blanks around it, empty where missing. Outputs: <c>predictedScores</c> (binary32; BINARY: (rows, 1), the
/// probability of 1; MULTICLASS: (rows, classes), in the order of the model) and <c>predictedLabel</c> (text, (rows, 1));
/// REGRESSION: <c>predictedValue</c> (binary64, (rows, 1)). It uses operator sets 20 of ONNX and 3 of ai.onnx.ml; for the words of TEXT
/// also the operator Tokenizer that ONNX Runtime brings. A text is a sequence of Unicode characters: bytes in the data that are no UTF-8
/// cannot be told to it, and the bounds on the tokens of one record are those of its memory.
/// </remarks>
public static class OnnxExport
{
    // A protobuf message has at most 2^31 − 1 bytes; the rest is for the graph, which grows with the recipe and not with the vocabulary.
    private const long MaxFeatureBytes = 2_000_000_000;

    private const string Label = "predictedLabel";
    private const string Scores = "predictedScores";
    private const string Value = "predictedValue";

    /// <summary>Writes a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="output">Receives the file; stays open.</param>
    /// <param name="threshold">BINARY: the label is 1 for scores from here up.</param>
    /// <exception cref="InvalidInputException">The model does a step for which ONNX has no operator, or is too large for the format; the
    /// message names which.</exception>
    public static void Write(LearnedModel model, Stream output, double threshold = 0.5)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(output);
        var bytes = model.Vocabulary.TokenBytes + (model is TreeModel trees
            ? (16L * model.Vocabulary.Count) + TreeTranslation.BytesPerNode * trees.Nodes
            : (16 + 4L * model.Outputs) * model.Vocabulary.Count);
        if (bytes > MaxFeatureBytes)
            throw new InvalidInputException(
                $"The model cannot be exported to ONNX: it takes {bytes:N0} bytes there, and an ONNX file has at most 2 GB. "
                + "Train it with a smaller sgd.maxMLModelSizeInBytes.");
        string[] outputs = [Label, Scores, Value];
        foreach (var attribute in model.Plan.Schema.Attributes)
            if (outputs.Contains(attribute.Name))
                throw new InvalidInputException(
                    $"The model cannot be exported to ONNX: its attribute {attribute.Name} has the name of an output there. Rename it in the schema.");
        var graph = new GraphBuilder(model.Plan.Schema.Attributes.Select(attribute => attribute.Name).Concat(outputs));
        AddOutputs(graph, model, AddScores(graph, model), threshold);
        var file = new ModelProto
        {
            IrVersion = 9,
            ProducerName = "MlService",
            DocString = $"Predicts {model.Target.Name} ({model.Type.ToText()}).",
            Graph = graph.Graph,
            OpsetImport = { graph.Domains },
        };
        file.WriteTo(output);
    }

    /// <summary>Adds the scores, rows × outputs.</summary>
    private static string AddScores(GraphBuilder graph, LearnedModel model)
    {
        var trees = model is TreeModel of ? new TreeTranslation(graph, of) : null;
        var plan = model.Plan;
        var translation = new PlanTranslation(graph, plan);
        var features = Enumerable.Range(0, model.Vocabulary.Count).ToLookup(model.Vocabulary.Slot);
        var terms = new List<string>();
        for (var slot = 0; slot < plan.SlotCount; slot++)
            try
            {
                var ofSlot = new SlotFeatures(graph, model.Vocabulary, [.. features[slot]]);
                if (model is LinearModel linear)
                    terms.Add(new SlotTranslation(graph, linear, ofSlot).Add(translation, plan.Slots[slot]));
                else if (ofSlot.Count > 0)
                    trees!.AddColumns(ofSlot, translation, plan.Slots[slot]);
            }
            catch (InvalidInputException exception)
            {
                throw new InvalidInputException(
                    $"The model cannot be exported to ONNX: in the output {plan.SlotName(slot)} of its recipe {exception.Message}. "
                    + "Train one with a recipe without it.", exception);
            }
        // b + Σ w·(x − c)
        return trees is null ? graph.Add("Sum", [graph.Constant(((LinearModel)model).Intercepts, 1, model.Outputs), .. terms]) : trees.AddScores();
    }

    private static void AddOutputs(GraphBuilder graph, LearnedModel model, string scores, double threshold)
    {
        switch (model.Type)
        {
            case ModelType.Regression:
                graph.Output(Value, scores, DataType.Double, 1, $"the predicted {model.Target.Name}");
                break;
            case ModelType.Binary:
                var odds = graph.Add("Exp", graph.Add("Neg", scores));
                var probability = graph.Cast(
                    graph.Add("Reciprocal", graph.Add("Add", graph.Constant([1d], []), odds)), DataType.Float);
                var isOne = graph.Add("GreaterOrEqual", graph.Cast(probability, DataType.Double), graph.Constant([threshold], []));
                AddLabel(graph, graph.Cast(isOne, DataType.Int64), ["0", "1"]);
                graph.Output(Scores, probability, DataType.Float, 1, "the probability of 1");
                break;
            default:
                var probabilities = graph.Add("Softmax", graph.Cast(scores, DataType.Float));
                AddLabel(graph, graph.Add("ArgMax", [probabilities], [GraphBuilder.Attribute("axis", 1)]), model.Classes);
                graph.Output(Scores, probabilities, DataType.Float, model.Outputs, $"the probability of each class: {string.Join(", ", model.Classes)}");
                break;
        }
    }

    private static void AddLabel(GraphBuilder graph, string index, IEnumerable<string> labels) => graph.Output(
        Label, graph.Add("Gather", graph.Constant(labels.Select(ByteString.CopyFromUtf8)), index), DataType.String, 1, "the predicted class");
}
