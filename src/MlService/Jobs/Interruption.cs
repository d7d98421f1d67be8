using MlService.Problems;
using Orleans.Runtime;

namespace MlService.Jobs;

/// <summary>
/// Ends an attempt because something that it relies on went away: a shard's process, or the row, which another attempt or its
/// owner has taken over.
/// </summary>
public sealed class AttemptInterruptedException(string message) : Exception(message);

/// <summary>Tells what passes by itself (a server restarts, a process of the cluster died) from faults in the job's own work.</summary>
internal static class Interruption
{
    /// <summary>Whether it does; then the job begins anew, and the attempt does not count as a fault.</summary>
    public static bool Is(Exception exception)
    {
        if (MetadataOutage.Is(exception))
            return true;
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is AttemptInterruptedException or SiloUnavailableException or OrleansMessageRejectionException or TimeoutException
                or OperationCanceledException // Orleans cancels what it could not deliver in time
                || cause is ProblemException problem && problem.Kind == ProblemKind.Unavailable)
                return true;
        return false;
    }
}
