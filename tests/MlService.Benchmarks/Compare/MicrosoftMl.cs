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
    readonly MemoryStream _saved = new();
    Func<IDataView, IDataView>? _score;

    readonly bool _isCached;

    public MicrosoftMl(BenchmarkRows rows, bool isCached)
    {
        (_task, _isCached) = (rows.Task, isCached);
        File.WriteAllBytes(_trainPath, rows.Train.Text);
        File.WriteAllBytes(_testPath, rows.Test.Text);
    }

    /// <summary>The saved model.</summary>
    public ReadOnlySpan<byte> Saved => _saved.GetBuffer().AsSpan(0, (int)_saved.Length);

    /// <summary>CSV to saved model.</summary>
    public void Train()
    {
        var context = new MLContext(seed: 7);
        var data = Load(context, _task, _trainPath);
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
        _saved.SetLength(0);
        context.Model.Save(model, data.Schema, _saved);
    }

    /// <summary>Scores the rows of the test part.</summary>
    public Quality Score()
    {
        var context = new MLContext(seed: 7);
        var scored = _score!(Load(context, _task, _testPath));
        return new(_task switch
        {
            LearningTask.Binary => context.BinaryClassification.Evaluate(scored).AreaUnderRocCurve,
            LearningTask.Multiclass => context.MulticlassClassification.Evaluate(scored).MicroAccuracy,
            _ => context.Regression.Evaluate(scored).RootMeanSquaredError,
        });
    }

    /// <summary>Scores the rows of the test part into a CSV text with what our result has: the label, the answer and its probability.</summary>
    public long Batch()
    {
        var context = new MLContext(seed: 7);
        using var result = new MemoryStream();
        Write(context, _task, _score!(Load(context, _task, _testPath)), result);
        return result.Length;
    }

    /// <summary>A saved model and a CSV file to a result, as a program of its own would do it.</summary>
    public static void ScoreFile(LearningTask task, string model, string csv, string result)
    {
        var context = new MLContext(seed: 7);
        var loaded = context.Model.Load(model, out _);
        using var output = File.Create(result);
        Write(context, task, loaded.Transform(Load(context, task, csv)), output);
    }

    public void Dispose()
    {
        File.Delete(_trainPath);
        File.Delete(_testPath);
    }

    static void Write(MLContext context, LearningTask task, IDataView scored, Stream result)
    {
        string[] columns = task == LearningTask.Binary ? ["Label", "PredictedLabel", "Probability"] : ["Label", "Score"];
        var chosen = context.Transforms.SelectColumns(columns).Fit(scored).Transform(scored);
        context.Data.SaveAsText(chosen, result, separatorChar: ',', headerRow: true, schema: false);
    }

    static IDataView Load(MLContext context, LearningTask task, string path) => context.Data.LoadFromTextFile(path, new TextLoader.Options
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
            new("Label", task switch
            {
                LearningTask.Binary => DataKind.Boolean,
                LearningTask.Multiclass => DataKind.String,
                _ => DataKind.Single,
            }, 19),
        ],
    });
}
