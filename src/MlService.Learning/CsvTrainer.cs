using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;
using MlService.Learning.Training;

namespace MlService.Learning;

/// <summary>Trains models from a CSV file of this machine: schema, statistics, recipe and learning in one call.</summary>
public static class CsvTrainer
{
    private const long MinShardBytes = 1 << 20;

    /// <summary>Trains a linear model on all rows of a file.</summary>
    /// <param name="path">The file: plain or gzip; UTF-8, or UTF-16 or UTF-32 with a byte order mark; columns by commas, semicolons, tabs or vertical bars.</param>
    /// <param name="target">
    /// The attribute to predict: a BINARY one makes a binary model, a CATEGORICAL one a multiclass model, a NUMERIC one a regression.
    /// </param>
    /// <param name="parameters">How to train; by default as well as it can be done.</param>
    /// <param name="recipe">What to make of the attributes; by default what the statistics suggest.</param>
    /// <param name="schema">What the columns are; by default guessed from the first rows.</param>
    /// <param name="progress">Told now and then how far learning is, by any thread.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InvalidInputException">The file cannot be learned from; the message says why, and what to do.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LinearModel Train(
        string path, string target, TrainingParameters? parameters = null, Recipe? recipe = null, DataSchema? schema = null,
        Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        parameters ??= TrainingParameters.Default;
        if (parameters.Algorithm != Algorithm.Sgd)
            throw new InvalidInputException($"algorithm {TrainingParameters.ToText(parameters.Algorithm)} makes trees. Train them with MlService.Learning.Trees.");
        var (setup, readers) = Prepare(path, target, parameters, recipe, schema, Environment.ProcessorCount, cancellation);
        return Trainer.TrainAsOne(setup, readers, ExampleSpill.Default, progress, cancellation);
    }

    /// <summary>Settles what to learn from what, and cuts the file into parts to be read side by side.</summary>
    internal static (TrainingSetup Setup, IReadOnlyList<Func<RecordReader>> Readers) Prepare(
        string path, string target, TrainingParameters parameters, Recipe? recipe, DataSchema? schema, int mostReaders,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(target);
        schema = WithTarget(schema ?? SchemaInference.Infer(File.OpenRead(path), name: Path.GetFileName(path)).Schema, target);
        DataFile file;
        using (var stream = File.OpenRead(path))
            file = DataSet.Inspect(path, File.GetLastWriteTimeUtc(path).Ticks.ToString("x", null), stream, stream.Length, schema);
        var shards = (int)Math.Clamp(file.DataLength / MinShardBytes, 1, mostReaders);
        var readers = DataSet.Shards([file], DataSplit.All, shards).Select(segments =>
            (Func<RecordReader>)(() => new RecordReader(schema, [file], segments, DataSplit.All, Open))).ToList();
        var statistics = Summarize(schema, readers, cancellation);
        var plan = FeaturePlan.Compile(recipe ?? SuggestedRecipe.For(schema, statistics), schema, statistics);
        return (new TrainingSetup(plan, TargetEncoder.For(schema, statistics.TargetClasses), parameters), readers);

        static Stream Open(DataFile file, long offset, long? length)
        {
            var stream = File.OpenRead(file.Uri);
            stream.Position = offset;
            return stream;
        }
    }

    private static DataSchema WithTarget(DataSchema schema, string target)
    {
        if (schema.IndexOf(target) < 0)
            throw new InvalidInputException(
                $"target '{target}' is no attribute of the data. Attributes are {string.Join(", ", schema.Attributes.Take(30).Select(attribute => attribute.Name))}.");
        // What identifies a row cannot also be what is predicted.
        return (schema.RowId == target ? schema.WithRowId(null) : schema).WithTarget(target);
    }

    private static DataStatistics Summarize(DataSchema schema, List<Func<RecordReader>> readers, CancellationToken cancellation)
    {
        var parts = readers.AsParallel().AsOrdered().WithCancellation(cancellation).Select(open =>
        {
            var part = new DataStatistics(schema);
            using var reader = open();
            while (reader.Read())
                if (!reader.IsRejected)
                    part.Add(reader.Record, reader.RowPosition);
            part.AddRejected(reader.RowsRejected);
            return part;
        }).ToList();
        parts[0].Merge([.. parts.Skip(1)]);
        return parts[0];
    }
}
