using Microsoft.ML;
using Microsoft.ML.Data;
using MlService.Benchmarks.Data;

namespace MlService.Benchmarks.Compare;

/// <summary>
/// The peer: ML.NET's Sdca trainers (SdcaLogisticRegression, SdcaMaximumEntropy, Sdca) with default settings, over the features that our
/// recipe makes of the same columns; the rows read anew for each pass, as its loader does by default, or cached in memory.
/// </summary>
internal sealed class MicrosoftMl : IDisposable
{
    static readonly string[] NumberColumns = [.. Enumerable.Range(0, 8).Select(i => $"n{i}")];

    readonly string _trainPath = Path.GetTempFileName();
    readonly string _testPath = Path.GetTempFileName();
    readonly LearningTask _task;
    Func<IDataView, IDataView>? _score;

    readonly bool _isCached;

    public MicrosoftMl(BenchmarkRows rows, bool isCached)
    {
        (_task, _isCached) = (rows.Task, isCached);
        File.WriteAllBytes(_trainPath, rows.Train.Text);
        File.WriteAllBytes(_testPath, rows.Test.Text);
    }

    /// <summary>CSV to saved model.</summary>
    public void Train()
    {
        var context = new MLContext(seed: 7);
        var data = Load(context, _trainPath);
        IEstimator<ITransformer> pipeline = context.Transforms.NormalizeMeanVariance("n", "n")
            .Append(context.Transforms.Categorical.OneHotEncoding(
                [.. Enumerable.Range(0, 8).Select(i => new InputOutputColumnPair($"c{i}"))], maximumNumberOfKeys: int.MaxValue))
            .Append(context.Transforms.Text.TokenizeIntoWords("txt", "txt"))
            .Append(context.Transforms.Conversion.MapValueToKey("txt", "txt", maximumNumberOfKeys: int.MaxValue))
            .Append(context.Transforms.Text.ProduceNgrams(
                "txt", "txt", ngramLength: 1, useAllLengths: false, maximumNgramsCount: 1_000_000))
            .Append(context.Transforms.Concatenate("Features", ["n", "b", "txt", .. Enumerable.Range(0, 8).Select(i => $"c{i}")]));
        if (_isCached)
            pipeline = new EstimatorChain<ITransformer>().Append(pipeline).AppendCacheCheckpoint(context);
        ITransformer model = _task switch
        {
            LearningTask.Binary => pipeline.Append(context.BinaryClassification.Trainers.SdcaLogisticRegression()).Fit(data),
            LearningTask.Multiclass => pipeline.Append(context.Transforms.Conversion.MapValueToKey("Label", "Label"))
                .Append(context.MulticlassClassification.Trainers.SdcaMaximumEntropy()).Fit(data),
            _ => pipeline.Append(context.Regression.Trainers.Sdca()).Fit(data),
        };
        _score = model.Transform;
        using var file = new MemoryStream();
        context.Model.Save(model, data.Schema, file);
    }

    /// <summary>Scores the rows of the test part.</summary>
    public Quality Score()
    {
        var context = new MLContext(seed: 7);
        var scored = _score!(Load(context, _testPath));
        return new(_task switch
        {
            LearningTask.Binary => context.BinaryClassification.Evaluate(scored).AreaUnderRocCurve,
            LearningTask.Multiclass => context.MulticlassClassification.Evaluate(scored).MicroAccuracy,
            _ => context.Regression.Evaluate(scored).RootMeanSquaredError,
        });
    }

    /// <summary>Scores the rows of the test part into a CSV text: the label and the score.</summary>
    public long Batch()
    {
        var context = new MLContext(seed: 7);
        var scored = context.Transforms.SelectColumns("Label", "Score").Fit(_score!(Load(context, _testPath))).Transform(_score!(Load(context, _testPath)));
        using var file = new MemoryStream();
        context.Data.SaveAsText(scored, file, separatorChar: ',', headerRow: true, schema: false);
        return file.Length;
    }

    public void Dispose()
    {
        File.Delete(_trainPath);
        File.Delete(_testPath);
    }

    IDataView Load(MLContext context, string path) => context.Data.LoadFromTextFile(path, new TextLoader.Options
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
            new("Label", _task switch
            {
                LearningTask.Binary => DataKind.Boolean,
                LearningTask.Multiclass => DataKind.String,
                _ => DataKind.Single,
            }, 19),
        ],
    });
}
