using System.Runtime.InteropServices;
using System.Text;
using MlService.Learning.Features;
using MlService.Learning.Training;

namespace MlService.Learning.Models;

/// <content>
/// The model in a file: content of a <see cref="ModelFile"/> in this order: plan (with schema and recipe), target name, classes,
/// parameters, summary, log, vocabulary, then what the algorithm among the parameters made. Counts are int32, texts as <see cref="BinaryWriter"/> writes them, little-endian throughout.
/// It holds data only: nothing in it is ever executed.
/// </content>
public abstract partial class LearnedModel
{
    /// <summary>Writes the model's file.</summary>
    /// <param name="stream">Stays open.</param>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var content = ModelFile.Write(stream);
        using var buffered = new BufferedStream(content, 1 << 16);
        using var writer = new BinaryWriter(buffered, Encoding.UTF8);
        Plan.Write(writer);
        writer.Write(Target.Name);
        WriteList(writer, Classes, writer.Write);
        WriteList(writer, [.. Parameters.ToDictionary()], pair =>
        {
            writer.Write(pair.Key);
            writer.Write(pair.Value);
        });
        WriteSummary(writer);
        WriteList(writer, Log.Entries, entry => WriteEntry(writer, entry));
        Vocabulary.Write(writer);
        WriteLearned(writer);
    }

    /// <summary>Reads a model's file.</summary>
    /// <param name="stream">Read up to the model's end; stays open.</param>
    /// <exception cref="InvalidInputException">No model, a damaged one, or one of a newer version.</exception>
    public static new LearnedModel Load(Stream stream) => Load<LearnedModel>(stream, (reader, head) =>
        head.Parameters.Algorithm == Algorithm.Sgd ? LinearModel.Read(reader, head) : TreeModel.Read(reader, head));

    /// <summary>Reads a model's file.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="readLearned">Reads what follows the head.</param>
    internal static TModel Load<TModel>(Stream stream, Func<BinaryReader, ModelHead, TModel> readLearned)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var content = ModelFile.Read(stream);
        using var reader = new ModelReader(content);
        try
        {
            var model = readLearned(reader, ReadHead(reader));
            if (content.ReadByte() >= 0)
                throw ModelFile.Damaged("something follows its end");
            return model;
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or DecoderFallbackException or ArgumentException)
        {
            throw ModelFile.Damaged("its content makes no sense", e);
        }
    }

    private static ModelHead ReadHead(BinaryReader reader)
    {
        var plan = FeaturePlan.Read(reader);
        var targetName = reader.ReadString();
        var targetIndex = plan.Schema.IndexOf(targetName);
        if (targetIndex < 0)
            throw ModelFile.Damaged("its target is not in its schema");
        var classes = ReadList(reader, TargetEncoder.MaxClasses, reader.ReadString);
        var parameters = ReadList(reader, 100, () => KeyValuePair.Create(reader.ReadString(), reader.ReadString()));
        var type = ModelTypes.Of(plan.Schema.Attributes[targetIndex].Type);
        if (type == ModelType.Multiclass != classes.Count >= 2)
            throw ModelFile.Damaged($"it has {classes.Count} classes");
        var target = TargetEncoder.Create(type, targetName, classes);
        var summary = ReadSummary(reader);
        var log = new TrainingLog(ReadList(reader, TrainingLog.MaxEntries, () => ReadEntry(reader)));
        return new(plan, target, TrainingParameters.Parse(parameters.ToDictionary()), summary, log);
    }

    /// <summary>Writes what the algorithm made.</summary>
    private protected abstract void WriteLearned(BinaryWriter writer);

    private void WriteSummary(BinaryWriter writer)
    {
        writer.Write(Summary.Examples);
        writer.Write(Summary.InvalidRows);
        writer.Write(Summary.RejectedRows);
        writer.Write(Summary.TargetMean);
        writer.Write(Summary.TargetDeviation);
        WriteList(writer, Summary.LabelCounts, writer.Write);
        writer.Write(Summary.FeaturesSeen);
        writer.Write(Summary.FeaturesPruned);
        writer.Write(Summary.LearningRate);
        writer.Write(Summary.Passes);
        WriteList(writer, Summary.Folds, fold => fold.Write(writer));
    }

    private static TrainingSummary ReadSummary(BinaryReader reader) => new()
    {
        Examples = reader.ReadInt64(),
        InvalidRows = reader.ReadInt64(),
        RejectedRows = reader.ReadInt64(),
        TargetMean = reader.ReadDouble(),
        TargetDeviation = reader.ReadDouble(),
        LabelCounts = ReadList(reader, TargetEncoder.MaxClasses, reader.ReadInt64),
        FeaturesSeen = reader.ReadInt64(),
        FeaturesPruned = reader.ReadInt64(),
        LearningRate = reader.ReadDouble(),
        Passes = reader.ReadInt32(),
        Folds = ReadList(reader, byte.MaxValue, () => FoldResult.Read(reader)),
    };

    internal static void WriteEntry(BinaryWriter writer, TrainingLogEntry entry)
    {
        writer.Write((byte)entry.Learner);
        writer.Write(entry.LearningRate);
        writer.Write(entry.Pass);
        writer.Write((float)entry.Share);
        writer.Write(entry.TrainingLoss ?? double.NaN);
        writer.Write(entry.HeldOutLoss ?? double.NaN);
        writer.Write(entry.Metric ?? double.NaN);
        writer.Write(entry.Features);
        writer.Write(entry.ModelBytes);
        writer.Write(entry.Note);
    }

    internal static TrainingLogEntry ReadEntry(BinaryReader reader) => new(
        reader.ReadByte(), reader.ReadDouble(), reader.ReadInt32(), reader.ReadSingle(),
        Known(reader.ReadDouble()), Known(reader.ReadDouble()), Known(reader.ReadDouble()),
        reader.ReadInt32(), reader.ReadInt64(), reader.ReadString());

    private static double? Known(double value) => double.IsNaN(value) ? null : value;

    internal static void WriteList<T>(BinaryWriter writer, IReadOnlyList<T> items, Action<T> write)
    {
        writer.Write(items.Count);
        foreach (var item in items)
            write(item);
    }

    internal static List<T> ReadList<T>(BinaryReader reader, int most, Func<T> read)
    {
        var count = reader.ReadInt32();
        if (count < 0 || count > most)
            throw ModelFile.Damaged($"a list of {count} items");
        var items = new List<T>(count);
        for (var i = 0; i < count; i++)
            items.Add(read());
        return items;
    }

    internal static void WriteFloats(BinaryWriter writer, float[] values)
    {
        if (BitConverter.IsLittleEndian)
            for (var at = 0; at < values.Length; at += 1 << 16)
                writer.Write(MemoryMarshal.AsBytes(values.AsSpan(at, Math.Min(1 << 16, values.Length - at))));
        else
            foreach (var value in values)
                writer.Write(value);
    }

    internal static float[] ReadFloats(BinaryReader reader, long count)
    {
        if (count > Array.MaxLength)
            throw ModelFile.Damaged("it has too many weights");
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
            if (!float.IsFinite(value = reader.ReadSingle()))
                throw ModelFile.Damaged("a weight is no number");
        return values;
    }
}
