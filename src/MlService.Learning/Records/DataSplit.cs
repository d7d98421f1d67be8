using System.Text;

namespace MlService.Learning.Records;

/// <summary>How the rows of a split are chosen.</summary>
public enum SplitStrategy
{
    /// <summary>The rows between two places of the data, in file order.</summary>
    Sequential,

    /// <summary>Each row by a pseudo-random number, drawn from the seed and the row's position.</summary>
    Random,
}

/// <summary>
/// Which rows of a data set are used: Amazon ML's DataRearrangement. Percentages are of the data bytes of all files
/// together (what follows byte order mark and header, in file order):
/// <list type="bullet">
/// <item>Sequential: a row belongs to [begin, end) if its first byte lies there. Amazon left open whether it cut by rows or by
/// bytes; bytes need no counting pass.</item>
/// <item>Random: a row whose number, uniform in [0, 100), lies in [begin, end). The number is a hash of the seed and of the
/// row's position in the data.</item>
/// </list>
/// 100 includes the end, so adjacent ranges neither share nor lose a row; a complement has exactly the rows left out.
/// </summary>
public sealed record DataSplit
{
    /// <summary>All rows.</summary>
    public static readonly DataSplit All = new();

    private readonly ulong _seedHash;

    /// <summary>Creates a split and checks it.</summary>
    /// <param name="percentBegin">0 to 100, included.</param>
    /// <param name="percentEnd"><paramref name="percentBegin"/> to 100, excluded unless it is 100.</param>
    /// <param name="strategy">How rows are chosen.</param>
    /// <param name="seed">Any text; used by <see cref="SplitStrategy.Random"/> only.</param>
    /// <param name="complement">Take the rows which the split would leave out.</param>
    /// <exception cref="InvalidInputException">A percentage is out of range, or begin exceeds end.</exception>
    public DataSplit(
        double percentBegin = 0,
        double percentEnd = 100,
        SplitStrategy strategy = SplitStrategy.Sequential,
        string seed = "",
        bool complement = false)
    {
        PercentBegin = Check(nameof(percentBegin), percentBegin);
        PercentEnd = Check(nameof(percentEnd), percentEnd);
        if (percentBegin > percentEnd)
            throw new InvalidInputException(
                $"splitting.percentBegin ({percentBegin}) is greater than splitting.percentEnd ({percentEnd}). Exchange them, "
                + "or set \"complement\" for the rows outside a range.");
        Strategy = strategy;
        Seed = seed;
        Complement = complement;
        _seedHash = HashSeed(seed);
    }

    /// <summary>First percentage taken.</summary>
    public double PercentBegin { get; }

    /// <summary>First percentage no longer taken; 100 is the end of the data.</summary>
    public double PercentEnd { get; }

    /// <summary>How rows are chosen.</summary>
    public SplitStrategy Strategy { get; }

    /// <summary>Seed of the random numbers.</summary>
    public string Seed { get; }

    /// <summary>Whether the rows outside the range are taken instead of those inside.</summary>
    public bool Complement { get; }

    /// <summary>Whether each row has to be asked for with <see cref="Takes"/>; else segments say everything.</summary>
    internal bool ChoosesRows => Strategy == SplitStrategy.Random && (PercentBegin > 0 || PercentEnd < 100 || Complement);

    /// <summary>Reads Amazon's JSON; unknown keys are ignored, as Amazon did. Empty text means all rows.</summary>
    /// <exception cref="InvalidInputException">The text is no valid rearrangement; the message says where and why.</exception>
    public static DataSplit Parse(string dataRearrangementJson) => DataSplitJson.Parse(dataRearrangementJson);

    /// <summary>Writes Amazon's JSON.</summary>
    public string ToJson() => DataSplitJson.Write(this);

    /// <summary>Whether the random split takes the row at <paramref name="position"/> of the data.</summary>
    internal bool Takes(long position)
    {
        var percent = Draw(position);
        return (percent >= PercentBegin && (percent < PercentEnd || PercentEnd == 100)) != Complement;
    }

    /// <summary>The number in [0, 100) that the seed draws for the row at <paramref name="position"/> of the data.</summary>
    internal double Draw(long position) =>
        (Mix(_seedHash ^ Mix((ulong)position + 0x9E3779B97F4A7C15)) >> 11) * (100.0 / (1L << 53));

    /// <summary>The data offset at which a percentage begins.</summary>
    internal static long OffsetOf(double percent, long dataLength) =>
        percent >= 100 ? dataLength : (long)decimal.Floor(dataLength * (decimal)percent / 100m);

    // FNV-1a over the UTF-8 bytes (Fowler, Noll, Vo), then mixed: short seeds must differ in all bits.
    private static ulong HashSeed(string seed)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(seed))
            hash = (hash ^ value) * 1099511628211UL;
        return Mix(hash);
    }

    // The finalizer of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private static double Check(string name, double percent) => percent is >= 0 and <= 100
        ? percent
        : throw new InvalidInputException($"splitting.{name} is {percent}; it must be between 0 and 100.");
}
