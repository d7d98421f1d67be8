using System.Text;
using MlService.Learning.Features;
using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;
using MlService.Learning.Tests.Records;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

/// <summary>A CSV text with its schema, ready to train on.</summary>
internal sealed class TrainingHarness
{
    public const string Everything = """{"outputs": ["ALL_INPUTS"]}""";

    private readonly StoredFiles _files;

    public TrainingHarness(
        string columns, string target, string csv, string recipe = Everything, Dictionary<string, string>? parameters = null,
        string? rowWeight = null)
    {
        Schema = new DataSchema([.. columns.Split(' ').Select(column => column.Split(':')).Select(parts =>
            new SchemaAttribute(parts[0], Enum.Parse<AttributeType>(parts[1])))], target: target, rowWeight: rowWeight);
        Text = csv;
        _files = new StoredFiles(Schema, csv);
        var statistics = new DataStatistics(Schema);
        using (var reader = Readers(1)[0]())
            while (reader.Read())
                if (!reader.IsRejected)
                    statistics.Add(reader.Record, reader.RowPosition);
        Setup = new TrainingSetup(
            FeaturePlan.Compile(Recipe.Parse(recipe), Schema, statistics),
            TargetEncoder.For(Schema, statistics.TargetClasses),
            TrainingParameters.Parse(parameters ?? []));
    }

    public DataSchema Schema { get; }

    public TrainingSetup Setup { get; }

    public string Text { get; }

    public Func<RecordReader>[] Readers(int shards) => [.. DataSet.Shards(_files.Files, DataSplit.All, shards).Select(segments =>
        (Func<RecordReader>)(() => new RecordReader(Schema, _files.Files, segments, DataSplit.All, _files.Open)))];

    public LinearModel Train(int shards = 1, ExampleSpill? spill = null) =>
        Trainer.TrainAsOne(Setup, Readers(shards), spill ?? ExampleSpill.Default, null, TestContext.Current.CancellationToken);

    public LinearModel Train(Action<TrainingProgress> progress, CancellationToken cancellation) =>
        Trainer.TrainAsOne(Setup, Readers(1), ExampleSpill.Default, progress, cancellation);

    /// <summary>Drives shards that learn apart, as grains do.</summary>
    /// <param name="shards">How many.</param>
    /// <param name="look">Sees each order before it is carried out.</param>
    public LinearModel TrainApart(int shards, Action<Trainer, PassOrder>? look = null)
    {
        var (trainer, parts) = Encode(shards);
        while (trainer.NextPass() is { } order)
        {
            look?.Invoke(trainer, order);
            Complete(trainer, order, parts);
        }
        return Finish(trainer, parts);
    }

    /// <summary>
    /// The same, but between any two passes the process dies: what goes on is a new coordinator, with shards that read their rows
    /// again, from the checkpoint.
    /// </summary>
    public (LinearModel Model, int Restarts) TrainWithRestarts(int shards)
    {
        var (trainer, parts) = Encode(shards);
        var restarts = 0;
        while (trainer.NextPass() is { } order)
        {
            Complete(trainer, order, parts);
            if (!trainer.IsBetweenPasses)
                continue;
            using var checkpoint = new MemoryStream();
            trainer.SaveCheckpoint(checkpoint);
            checkpoint.Position = 0;
            foreach (var part in parts)
                part.Dispose();
            (trainer, parts) = Encode(shards);
            Assert.True(trainer.TryRestore(checkpoint));
            restarts++;
        }

        return (Finish(trainer, parts), restarts);
    }

    /// <summary>A coordinator that has merged its shards and stands before the first pass.</summary>
    public (Trainer Trainer, TrainingShard[] Parts) Encode(int shards)
    {
        var readers = Readers(shards);
        var parts = readers.Select((_, index) => new TrainingShard(Setup, index, ExampleSpill.Default)).ToArray();
        var summaries = parts.Zip(readers, (part, open) =>
        {
            using var reader = open();
            return part.Encode(reader, null, TestContext.Current.CancellationToken);
        }).ToArray();
        var trainer = new Trainer(Setup);
        var numbering = trainer.Merge(summaries, parts.Length);
        foreach (var part in parts)
            part.Remap(numbering);
        return (trainer, parts);
    }

    private static void Complete(Trainer trainer, PassOrder order, TrainingShard[] parts) =>
        trainer.Complete([.. parts.Select(part => part.RunPass(order, null, TestContext.Current.CancellationToken))]);

    private static LinearModel Finish(Trainer trainer, TrainingShard[] parts)
    {
        foreach (var part in parts)
            part.Dispose();
        return trainer.Finish();
    }

    /// <summary>What a binary model's scores of another CSV text are worth.</summary>
    public BinaryMetrics Judge(ScoringModel model, string csv, bool[] labels)
    {
        var metrics = new BinaryMetrics();
        foreach (var (score, label) in Score(model, csv).Zip(labels))
            metrics.Add((float)score, label);
        return metrics;
    }

    /// <summary>Scores rows of another CSV text: the probability of 1 or of the best class, or the value.</summary>
    public double[] Score(ScoringModel model, string csv)
    {
        var scores = new List<double>();
        ScoreRows(model, csv, (prediction, _) => scores.Add(prediction.Value));
        return [.. scores];
    }

    /// <summary>What a model says about a row, and the row's target.</summary>
    public delegate void Judgement(MlService.Learning.Scoring.Prediction prediction, ReadOnlySpan<byte> target);

    /// <summary>Scores rows of another CSV text.</summary>
    public void ScoreRows(ScoringModel model, string csv, Judgement judge)
    {
        var scorer = model.CreateScorer(Schema);
        var files = new StoredFiles(Schema, csv);
        using var reader = new RecordReader(Schema, files.Files, DataSet.Shards(files.Files, DataSplit.All, 1)[0], DataSplit.All, files.Open);
        while (reader.Read())
            judge(scorer.Score(reader.Record), reader.Record[Schema.TargetIndex]);
    }

    /// <summary>Why the first row of another CSV text has its score.</summary>
    public MlService.Learning.Scoring.Explanation Explain(ScoringModel model, string csv, int? output = null)
    {
        var files = new StoredFiles(Schema, csv);
        using var reader = new RecordReader(Schema, files.Files, DataSet.Shards(files.Files, DataSplit.All, 1)[0], DataSplit.All, files.Open);
        Assert.True(reader.Read());
        return model.CreateScorer(Schema).Explain(reader.Record, output);
    }

    public static byte[] Bytes(LearnedModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }

    public static string Csv(int rows, Func<int, string> row)
    {
        var text = new StringBuilder();
        for (var i = 0; i < rows; i++)
            text.Append(row(i)).Append('\n');
        return text.ToString();
    }
}
