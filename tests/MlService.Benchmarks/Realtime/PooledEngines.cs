using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlService.Benchmarks.Data;

namespace MlService.Benchmarks.Realtime;

/// <summary>
/// The peer: an endpoint over ML.NET's prediction engines as its guide makes it, a minimal API in a web application with the defaults, a class
/// for the record, the pool from the services. An engine serves one caller at a time, so they wait in a pool. The package of that pool,
/// Microsoft.Extensions.ML, is not in every registry, and its PredictionEnginePool is this: a singleton over an object pool that takes
/// every engine back.
/// </summary>
internal static class PooledEngines
{
    /// <summary>The command that runs it; not for people.</summary>
    public const string Command = "serve-pooled-engines";

    static readonly string[] Categories = [.. Enumerable.Range(0, 8).Select(i => $"c{i}")];
    static readonly string[] Numbers = [.. Enumerable.Range(0, 8).Select(i => $"n{i}"), "b0", "b1"];

    /// <summary>Trains on the rows that the other contenders' model is of, and serves until the process is ended.</summary>
    public static async Task<int> Run(string[] arguments)
    {
        var create = Train();

        var builder = WebApplication.CreateBuilder(arguments);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.AddSingleton(new EnginePool(create));
        await using var app = builder.Build();
        app.MapGet("/health/ready", () => "ready");
        app.MapPost("/realtime/{modelId}", async (EnginePool engines, Question question) => await Task.FromResult(engines.Predict(question.Record)));
        await app.RunAsync();
        return 0;
    }

    /// <returns>Makes engines of the model.</returns>
    static Func<PredictionEngine<Row, Score>> Train()
    {
        var path = Path.GetTempFileName();
        try
        {
            RealtimeCommand.WriteRows(path);
            var context = new MLContext(seed: 7);
            var data = context.Data.LoadFromTextFile<Row>(path, separatorChar: ',', hasHeader: true, allowQuoting: true);
            var model = context.Transforms.Concatenate("n", Numbers).Append(context.Transforms.NormalizeMeanVariance("n"))
                .Append(context.Transforms.Categorical.OneHotEncoding([.. Categories.Select(name => new InputOutputColumnPair(name))]))
                .Append(context.Transforms.Text.TokenizeIntoWords("words", "txt"))
                .Append(context.Transforms.Conversion.MapValueToKey("words"))
                .Append(context.Transforms.Text.ProduceNgrams("words", ngramLength: 1, useAllLengths: false))
                .Append(context.Transforms.Concatenate("Features", ["n", "words", .. Categories]))
                .AppendCacheCheckpoint(context)
                .Append(context.BinaryClassification.Trainers.SdcaLogisticRegression("y"))
                .Fit(data);
            return () => context.Model.CreatePredictionEngine<Row, Score>(model);
        }
        finally
        {
            File.Delete(path);
        }
    }

    sealed class EnginePool(Func<PredictionEngine<Row, Score>> create)
    {
        readonly DefaultObjectPool<PredictionEngine<Row, Score>> _engines = new(new Engines(create));

        public Score Predict(Row row)
        {
            var engine = _engines.Get();
            try
            {
                return engine.Predict(row);
            }
            finally
            {
                _engines.Return(engine);
            }
        }
    }

    sealed class Engines(Func<PredictionEngine<Row, Score>> create) : PooledObjectPolicy<PredictionEngine<Row, Score>>
    {
        public override PredictionEngine<Row, Score> Create() => create();

        public override bool Return(PredictionEngine<Row, Score> obj) => true;
    }

    sealed record Question(Row Record);

    sealed class Score
    {
        public bool PredictedLabel { get; set; }

        public float Probability { get; set; }
    }

    /// <summary>A generated row, with the columns in the file's order; the names are the file's.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    sealed class Row
    {
        [LoadColumn(0), ColumnName("n0")] public float N0 { get; set; }
        [LoadColumn(1), ColumnName("n1")] public float N1 { get; set; }
        [LoadColumn(2), ColumnName("n2")] public float N2 { get; set; }
        [LoadColumn(3), ColumnName("n3")] public float N3 { get; set; }
        [LoadColumn(4), ColumnName("n4")] public float N4 { get; set; }
        [LoadColumn(5), ColumnName("n5")] public float N5 { get; set; }
        [LoadColumn(6), ColumnName("n6")] public float N6 { get; set; }
        [LoadColumn(7), ColumnName("n7")] public float N7 { get; set; }
        [LoadColumn(8), ColumnName("c0")] public string C0 { get; set; } = "";
        [LoadColumn(9), ColumnName("c1")] public string C1 { get; set; } = "";
        [LoadColumn(10), ColumnName("c2")] public string C2 { get; set; } = "";
        [LoadColumn(11), ColumnName("c3")] public string C3 { get; set; } = "";
        [LoadColumn(12), ColumnName("c4")] public string C4 { get; set; } = "";
        [LoadColumn(13), ColumnName("c5")] public string C5 { get; set; } = "";
        [LoadColumn(14), ColumnName("c6")] public string C6 { get; set; } = "";
        [LoadColumn(15), ColumnName("c7")] public string C7 { get; set; } = "";
        [LoadColumn(16), ColumnName("b0")] public float B0 { get; set; }
        [LoadColumn(17), ColumnName("b1")] public float B1 { get; set; }
        [LoadColumn(18), ColumnName("txt")] public string Txt { get; set; } = "";
        [LoadColumn(19), ColumnName("y")][JsonIgnore] public bool Y { get; set; }
    }
}
