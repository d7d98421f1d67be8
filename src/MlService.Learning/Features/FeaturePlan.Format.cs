using System.Text;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;

namespace MlService.Learning.Features;

/// <content>
/// The plan in a file: version (byte), schema and recipe as text (int32 length in bytes, UTF-8), then what was learned, in
/// the order of the plan's steps: for <c>normalize</c> mean and standard deviation, for <c>quantile_bin</c> the cut points, for <c>fill</c> what is filled in
/// (<see cref="StoredFit"/>). Little-endian.
/// </content>
public sealed partial class FeaturePlan
{
    private const byte FormatVersion = 1;
    private const int MaxTextBytes = 1 << 24;

    /// <summary>Writes the plan.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(FormatVersion);
        WriteText(writer, Schema.ToJson());
        WriteText(writer, Recipe.Text);
        foreach (var step in Steps)
            StoredFit.Write(writer, step);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidInputException">The bytes are no plan, or one of a newer version.</exception>
    public static FeaturePlan Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        try
        {
            var version = reader.ReadByte();
            if (version != FormatVersion)
                throw Corrupt($"its version is {version}, not {FormatVersion}");
            var schema = DataSchema.Parse(ReadText(reader));
            var recipe = Recipe.Parse(ReadText(reader));
            return new FeaturePlan(RecipeBinder.Bind(recipe, schema), new StoredFit(reader));
        }
        catch (EndOfStreamException)
        {
            throw Corrupt("it ends too early");
        }
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static string ReadText(BinaryReader reader)
    {
        var length = reader.ReadInt32();
        if (length is < 0 or > MaxTextBytes)
            throw Corrupt($"a text of {length} bytes");
        var bytes = reader.ReadBytes(length);
        return bytes.Length == length ? Encoding.UTF8.GetString(bytes) : throw new EndOfStreamException();
    }

    internal static InvalidInputException Corrupt(string what) =>
        new($"The model's feature plan is damaged: {what}. Use an undamaged copy of the model, or train it again.");
}
