namespace MlService.Learning.Tests;

internal static class Allocation
{
    /// <summary>
    /// The bytes that an action allocates on this thread: the least of several rounds, because what the runtime itself allocates
    /// while it still compiles, or counts while it collects, is not the action's, and some round has none of it.
    /// </summary>
    /// <param name="action">It does the same in every round.</param>
    public static long Least(Action action)
    {
        var least = long.MaxValue;
        for (var round = 0; round < 20 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
