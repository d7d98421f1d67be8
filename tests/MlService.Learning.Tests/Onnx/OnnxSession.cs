using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MlService.Learning.Models;
using MlService.Learning.Onnx;
using MlService.Learning.Schemas;

namespace MlService.Learning.Tests.Onnx;

/// <summary>An exported model in ONNX Runtime.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;

    public OnnxSession(LearnedModel model, double threshold = 0.5)
    {
        using var file = new MemoryStream();
        OnnxExport.Write(model, file, threshold);
        Bytes = file.ToArray();
        _session = new InferenceSession(Bytes);
    }

    public byte[] Bytes { get; }

    public IReadOnlyDictionary<string, NodeMetadata> Inputs => _session.InputMetadata;

    /// <summary>Runs all rows at once.</summary>
    /// <param name="schema">The columns of the rows.</param>
    /// <param name="rows">The rows, a text per column.</param>
    /// <returns>For each row the scores or the value, and the label if there is one.</returns>
    public List<(double[] Scores, string? Label)> Run(DataSchema schema, IReadOnlyList<string[]> rows)
    {
        var inputs = Inputs.Select(input => input.Value.ElementType == typeof(double)
            ? NamedOnnxValue.CreateFromTensor(input.Key, Column(rows, schema.IndexOf(input.Key), Number))
            : NamedOnnxValue.CreateFromTensor(input.Key, Column(rows, schema.IndexOf(input.Key), text => text))).ToList();
        using var outputs = _session.Run(inputs);
        var values = outputs.ToDictionary(output => output.Name);
        if (values.TryGetValue("predictedValue", out var value))
            return [.. value.AsTensor<double>().Select(number => (new[] { number }, (string?)null))];
        var scores = values["predictedScores"].AsTensor<float>();
        var labels = values["predictedLabel"].AsTensor<string>();
        return [.. rows.Select((_, row) => (
            Enumerable.Range(0, scores.Dimensions[1]).Select(k => (double)scores[row, k]).ToArray(), (string?)labels[row, 0]))];
    }

    public static double Number(string text) => FieldValue.TryParseNumber(Encoding.UTF8.GetBytes(text), out var number) ? number : double.NaN;

    public void Dispose() => _session.Dispose();

    private static DenseTensor<T> Column<T>(IReadOnlyList<string[]> rows, int column, Func<string, T> read) =>
        new(rows.Select(row => read(row[column])).ToArray(), [rows.Count, 1]);
}
