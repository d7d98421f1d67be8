using System.Data.Common;
using Microsoft.EntityFrameworkCore.Storage;

namespace MlService.Problems;

/// <summary>Tells that the metadata store is away, or failed in passing, from errors that would come again.</summary>
public static class MetadataOutage
{
    /// <summary>
    /// PostgreSQL's codes for "terminating connection": by an administrator, because of a crash, and because a transaction stood still, as it
    /// does when its process was frozen (its manual, appendix A).
    /// </summary>
    public static readonly string[] ShutdownCodes = ["57P01", "57P02", "25P03"];

    /// <summary>Whether an error, or what caused it, is such.</summary>
    public static bool Is(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is RetryLimitExceededException or DbException { IsTransient: true }
                || cause is DbException { SqlState: { } code } && ShutdownCodes.Contains(code))
                return true;
        return false;
    }
}
