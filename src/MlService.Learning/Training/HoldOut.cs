using System.Runtime.CompilerServices;

namespace MlService.Learning.Training;

/// <summary>
/// Which examples are set aside to judge by. How many shall be depends on how many there are, which is known when all are read; so they
/// are kept in groups from the beginning, and the first groups together are 2, 5 or 10 percent.
/// </summary>
internal static class HoldOut
{
    /// <summary>Number of groups; the last is always learned from.</summary>
    public const int Groups = 4;

    /// <summary>The group of an example.</summary>
    /// <param name="random">A random number of the example's own.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GroupOf(ulong random)
    {
        var percent = (uint)(random % 100);
        return percent >= 10 ? 3 : percent >= 5 ? 2 : percent >= 2 ? 1 : 0;
    }

    /// <summary>The part that some of the first groups are, as one of so many folds: for examples that are not kept in groups.</summary>
    public static Fold FoldFor(int groups) => groups switch { 0 => default, 1 => new(50, 0), 2 => new(20, 0), _ => new(10, 0) };

    /// <summary>How many groups are held out: the more examples that tell learners apart, the smaller a part tells enough.</summary>
    public static int GroupsFor(long telling) => telling < 100_000 ? 3 : telling < 500_000 ? 2 : 1;
}
