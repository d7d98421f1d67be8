using System.Buffers;
using System.IO.Compression;
using MlService.Learning.Features;
using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;
using MlService.Learning.Scoring;
using MlService.Learning.Statistics;
using MlService.Learning.Training;

namespace MlService.Benchmarks.Compare;

/// <summary>The engine's stages over the same rows, each from the bytes of the CSV text on; the work of each holds the work of the
/// one before it where that stands in the data's way.</summary>
internal sealed class EngineStages(BenchmarkRows rows)
{
    DataStatistics? _statistics;
    LinearModel? _model;

    /// <summary>Splits into fields.</summary>
    public long Fields()
    {
        using var reader = rows.Train.Open();
        long bytes = 0;
        while (reader.Read())
            bytes += reader.Record[0].Length;
        return bytes;
    }

    /// <summary>Splits into fields and parses the eight numbers.</summary>
    public double Numbers()
    {
        using var reader = rows.Train.Open();
        var sum = 0.0;
        while (reader.Read())
        {
            var record = reader.Record;
            for (var i = 0; i < 8; i++)
                sum += FieldValue.TryParseNumber(record[i], out var value) ? value : 0;
        }
        return sum;
    }

    /// <summary>All statistics of the data report.</summary>
    public DataStatistics Statistics()
    {
        using var reader = rows.Train.Open();
        var statistics = new DataStatistics(BenchmarkRows.Schema);
        while (reader.Read())
            statistics.Add(reader.Record, reader.RowPosition);
        return _statistics = statistics;
    }

    /// <summary>The statistics written to a file, and the report made of them.</summary>
    public int Report()
    {
        var statistics = _statistics ?? Statistics();
        using var file = new MemoryStream();
        statistics.Write(file);
        return statistics.ToReport().Attributes.Count;
    }

    /// <summary>Turns rows into features with a growing vocabulary.</summary>
    public long Encode()
    {
        using var reader = rows.Train.Open();
        var vocabulary = new FeatureVocabulary();
        var encoder = Plan("ALL_INPUTS").CreateEncoder(BenchmarkRows.Schema, vocabulary, grow: true);
        var features = new FeatureVector();
        long count = 0;
        while (reader.Read())
        {
            encoder.Encode(reader.Record, features);
            count += features.Count;
        }
        return count;
    }

    /// <summary>CSV to saved model in one pass with a given learning rate.</summary>
    public LinearModel OnePass() => _model = Train(
        Plan("ALL_INPUTS"), new() { ["sgd.maxPasses"] = "1", ["sgd.learningRate"] = "0.1" });

    /// <summary>CSV to saved model as the service does it without being told anything: statistics, suggested recipe, a race of learning rates.</summary>
    public LinearModel Default()
    {
        var statistics = Statistics();
        var recipe = SuggestedRecipe.For(BenchmarkRows.Schema, statistics);
        return _model = Train(FeaturePlan.Compile(recipe, BenchmarkRows.Schema, statistics), []);
    }

    /// <summary>Scores the rows of the test part.</summary>
    /// <returns>The area under the ROC curve.</returns>
    public double Score()
    {
        using var reader = rows.Test.Open();
        var scorer = _model!.CreateScorer(BenchmarkRows.Schema);
        var metrics = new BinaryMetrics();
        var target = BenchmarkRows.Schema.TargetIndex;
        while (reader.Read())
            metrics.Add((float)scorer.Score(reader.Record).Value, reader.Record[target][0] == '1');
        return metrics.ToReport(0.5).Auc ?? double.NaN;
    }

    /// <summary>Scores the rows of the test part into a gzipped result.</summary>
    public long Batch()
    {
        using var reader = rows.Test.Open();
        var scorer = _model!.CreateScorer(BenchmarkRows.Schema);
        var lines = new ArrayBufferWriter<byte>(1 << 17);
        var writer = new BatchRowWriter(lines, _model!, 0.5, hasTag: false, hasTrueLabel: true);
        var target = BenchmarkRows.Schema.TargetIndex;
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest, leaveOpen: true))
        {
            writer.WriteHeader();
            while (reader.Read())
            {
                var record = reader.Record;
                writer.Write(scorer.Score(record), default, record[target]);
                if (lines.WrittenCount < 1 << 16)
                    continue;
                gzip.Write(lines.WrittenSpan);
                lines.ResetWrittenCount();
            }
            gzip.Write(lines.WrittenSpan);
        }
        return result.Length;
    }

    FeaturePlan Plan(string output) => FeaturePlan.Compile(
        Recipe.Parse($$"""{"outputs": ["{{output}}"]}"""), BenchmarkRows.Schema, _statistics ??= Statistics());

    LinearModel Train(FeaturePlan plan, Dictionary<string, string> parameters)
    {
        var setup = new TrainingSetup(
            plan, TargetEncoder.For(BenchmarkRows.Schema, _statistics!.TargetClasses), TrainingParameters.Parse(parameters));
        var model = Trainer.TrainAsOne(setup, [rows.Train.Open], ExampleSpill.Default);
        using var file = new MemoryStream();
        model.Save(file);
        return model;
    }
}
