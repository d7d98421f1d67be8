using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using MlService.Benchmarks.Data;
using MlService.Learning.Features;
using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Records;
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
    /// <param name="readers">Parts of the data that are read side by side.</param>
    public DataStatistics Statistics(int readers = 1)
    {
        var open = rows.Train.Open(readers);
        var parts = new DataStatistics[open.Length];
        Parallel.For(0, open.Length, i =>
        {
            using var reader = open[i]();
            parts[i] = new DataStatistics(rows.Schema);
            while (reader.Read())
                parts[i].Add(reader.Record, reader.RowPosition);
        });
        foreach (var part in parts.Skip(1))
            parts[0].Merge(part);
        return _statistics = parts[0];
    }

    /// <summary>The data report, of two halves side by side.</summary>
    public DataReport ReportOfTwo() => Statistics(readers: 2).ToReport();

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
        var encoder = Plan("ALL_INPUTS").CreateEncoder(rows.Schema, vocabulary);
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
    /// <param name="readers">Parts of the data that are read side by side.</param>
    public LinearModel OnePass(int readers) => _model = Train(
        Plan("ALL_INPUTS"), new() { ["sgd.maxPasses"] = "1", ["sgd.learningRate"] = "0.25" }, readers);

    // What was trained last; where no training is measured, one pass.
    LinearModel Model => _model ?? OnePass(1);

    /// <summary>CSV to saved model as the service does it without being told anything: statistics, suggested recipe, a race of learning rates.</summary>
    /// <param name="readers">Parts of the data that are read side by side: the service has as many as processors.</param>
    public LinearModel Default(int readers)
    {
        var statistics = Statistics(readers);
        var recipe = SuggestedRecipe.For(rows.Schema, statistics);
        return _model = Train(FeaturePlan.Compile(recipe, rows.Schema, statistics), [], readers);
    }

    /// <summary>Scores the rows of the test part.</summary>
    /// <returns>The area under the ROC curve, the accuracy, or the root of the mean squared error.</returns>
    public Quality Score()
    {
        using var reader = rows.Test.Open();
        var model = Model;
        var scorer = model.CreateScorer(rows.Schema);
        var binary = new BinaryMetrics();
        var classes = model.Classes.Select(Encoding.UTF8.GetBytes).ToArray();
        var target = rows.Schema.TargetIndex;
        var (right, squares) = (0, 0.0);
        while (reader.Read())
        {
            var prediction = scorer.Score(reader.Record);
            var actual = reader.Record[target];
            if (rows.Task == LearningTask.Binary)
                binary.Add((float)prediction.Value, actual[0] == '1');
            else if (rows.Task == LearningTask.Multiclass)
                right += actual.SequenceEqual(classes[prediction.BestClass]) ? 1 : 0;
            else
                squares += Math.Pow(prediction.Value - double.Parse(actual, CultureInfo.InvariantCulture), 2);
        }
        return new(rows.Task switch
        {
            LearningTask.Binary => binary.ToReport(0.5).Auc ?? double.NaN,
            LearningTask.Multiclass => (double)right / rows.TestRows,
            _ => Math.Sqrt(squares / rows.TestRows),
        });
    }

    /// <summary>Scores the rows of the test part into a gzipped result.</summary>
    public long Batch()
    {
        using var reader = rows.Test.Open();
        using var result = new MemoryStream();
        Write(Model, rows.Schema, reader, result);
        return result.Length;
    }

    /// <summary>A saved model and a CSV file to a gzipped result, as a program of its own would do it.</summary>
    public static void ScoreFile(LearningTask task, string model, string csv, string result)
    {
        ScoringModel loaded;
        using (var file = File.OpenRead(model))
            loaded = ScoringModel.Load(file);
        var schema = BenchmarkRows.SchemaOf(task);
        DataFile[] files;
        using (var head = File.OpenRead(csv))
            files = [DataSet.Inspect(csv, "1", head, head.Length, schema)];
        using var reader = new RecordReader(schema, files, DataSet.Shards(files, DataSplit.All, 1)[0], DataSplit.All, (_, offset, _) =>
        {
            var stream = File.OpenRead(csv);
            stream.Position = offset;
            return stream;
        });
        using var output = File.Create(result);
        Write(loaded, schema, reader, output);
    }

    static void Write(ScoringModel model, DataSchema schema, RecordReader reader, Stream result)
    {
        var scorer = model.CreateScorer(schema);
        var lines = new ArrayBufferWriter<byte>(1 << 17);
        var writer = new BatchRowWriter(lines, model, 0.5, hasTag: false, hasTrueLabel: true);
        var target = schema.TargetIndex;
        using var gzip = new GZipStream(result, CompressionLevel.Fastest, leaveOpen: true);
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

    FeaturePlan Plan(string output) => FeaturePlan.Compile(
        Recipe.Parse($$"""{"outputs": ["{{output}}"]}"""), rows.Schema, _statistics ??= Statistics());

    LinearModel Train(FeaturePlan plan, Dictionary<string, string> parameters, int readers)
    {
        var setup = new TrainingSetup(
            plan, TargetEncoder.For(rows.Schema, _statistics!.TargetClasses), TrainingParameters.Parse(parameters));
        var model = Trainer.TrainAsOne(setup, rows.Train.Open(readers), ExampleSpill.Default);
        using var file = new MemoryStream();
        model.Save(file);
        return model;
    }
}
