using System.Runtime.CompilerServices;
using MlService.Learning.Schemas;

namespace MlService.Learning.Statistics;

/// <summary>Statistics of a BINARY column. An empty value is invalid: only numbers can be missing.</summary>
internal sealed class BinaryStatistics : ColumnStatistics
{
    public long True { get; private set; }

    public long False { get; private set; }

    public InvalidValues Invalid { get; private init; } = new();

    /// <summary>Takes in one row's value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Add(ReadOnlySpan<byte> text)
    {
        if (text.Length != 1 || (text[0] | 1) != '1')
            return AddOther(text);
        // Which of the two it is nobody can guess: no branch depends on it.
        var value = text[0] & 1;
        True += value;
        False += 1 - value;
        return (ulong)value;
    }

    public override void Merge(ColumnStatistics other)
    {
        var binary = (BinaryStatistics)other;
        True += binary.True;
        False += binary.False;
        Invalid.Merge(binary.Invalid);
    }

    public override void Write(SketchWriter writer)
    {
        writer.Long(True);
        writer.Long(False);
        Invalid.Write(writer);
    }

    public static BinaryStatistics Read(SketchReader reader) =>
        new() { True = reader.Count(), False = reader.Count(), Invalid = InvalidValues.Read(reader) };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong AddOther(ReadOnlySpan<byte> text)
    {
        if (!FieldValue.TryParseBinary(text, out var value))
        {
            Invalid.Add(text);
            return RowSample.Invalid;
        }
        if (value)
            True++;
        else
            False++;
        return value ? 1UL : 0UL;
    }
}
