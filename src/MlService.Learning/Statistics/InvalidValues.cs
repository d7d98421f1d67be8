namespace MlService.Learning.Statistics;

/// <summary>Counts the values that their column's type does not allow, and remembers the frequent ones.</summary>
internal sealed class InvalidValues
{
    private const int Kept = 64;

    private FrequentValues _values = new(Kept);

    public long Count { get; private set; }

    public void Add(ReadOnlySpan<byte> text)
    {
        Count++;
        _values.Add(Hash64.Of(text), text);
    }

    public void AddUnknown(long count) => Count += count;

    public List<CountedValue> MostFrequent(int most) => _values.Ranked(most);

    public void Merge(InvalidValues other)
    {
        Count += other.Count;
        _values.Merge(other._values);
    }

    public void Write(SketchWriter writer)
    {
        writer.Long(Count);
        _values.Write(writer);
    }

    public static InvalidValues Read(SketchReader reader) =>
        new() { Count = reader.Count(), _values = FrequentValues.Read(reader, Kept) };
}
