using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlService.Benchmarks.Compare;

/// <summary>
/// The peer: ML.NET's SdcaLogisticRegression with default settings, over the features that our recipe makes of the same columns.
/// </summary>
internal sealed class MicrosoftMl : IDisposable
{
    static readonly string[] NumberColumns = [.. Enumerable.Range(0, 8).Select(i => $"n{i}")];

    readonly string _trainPath = Path.GetTempFileName();
    readonly string _testPath = Path.GetTempFileName();
    Func<IDataView, IDataView>? _score;

    public MicrosoftMl(BenchmarkRows rows)
    {
        File.WriteAllBytes(_trainPath, rows.Train.Text);
        File.WriteAllBytes(_testPath, rows.Test.Text);
    }

    /// <summary>CSV to saved model.</summary>
    public void Train()
    {
        var context = new MLContext(seed: 7);
        var data = Load(context, _trainPath);
        var pipeline = context.Transforms.NormalizeMeanVariance("n", "n")
            .Append(context.Transforms.Categorical.OneHotEncoding(
                [.. Enumerable.Range(0, 8).Select(i => new InputOutputColumnPair($"c{i}"))], maximumNumberOfKeys: int.MaxValue))
            .Append(context.Transforms.Text.TokenizeIntoWords("txt", "txt"))
            .Append(context.Transforms.Conversion.MapValueToKey("txt", "txt", maximumNumberOfKeys: int.MaxValue))
            .Append(context.Transforms.Text.ProduceNgrams(
                "txt", "txt", ngramLength: 1, useAllLengths: false, maximumNgramsCount: 1_000_000))
            .Append(context.Transforms.Concatenate("Features", ["n", "b", "txt", .. Enumerable.Range(0, 8).Select(i => $"c{i}")]))
            .AppendCacheCheckpoint(context)
            .Append(context.BinaryClassification.Trainers.SdcaLogisticRegression("Label", "Features"));
        var model = pipeline.Fit(data);
        _score = model.Transform;
        using var file = new MemoryStream();
        context.Model.Save(model, data.Schema, file);
    }

    /// <summary>Scores the rows of the test part.</summary>
    /// <returns>The area under the ROC curve.</returns>
    public double Score()
    {
        var context = new MLContext(seed: 7);
        var scored = _score!(Load(context, _testPath));
        return context.BinaryClassification.Evaluate(scored).AreaUnderRocCurve;
    }

    public void Dispose()
    {
        File.Delete(_trainPath);
        File.Delete(_testPath);
    }

    static IDataView Load(MLContext context, string path) => context.Data.LoadFromTextFile(path, new TextLoader.Options
    {
        HasHeader = true,
        Separators = [','],
        AllowQuoting = true,
        Columns =
        [
            new("n", DataKind.Single, 0, NumberColumns.Length - 1),
            .. Enumerable.Range(0, 8).Select(i => new TextLoader.Column($"c{i}", DataKind.String, 8 + i)),
            new("b", DataKind.Single, 16, 17),
            new("txt", DataKind.String, 18),
            new("Label", DataKind.Boolean, 19),
        ],
    });
}
