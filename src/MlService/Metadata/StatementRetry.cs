using Microsoft.EntityFrameworkCore.Storage;
using MlService.Problems;
using Npgsql.EntityFrameworkCore.PostgreSQL;

namespace MlService.Metadata;

/// <summary>
/// Repeats a statement that failed for a passing reason (the server restarts, a connection broke, a serialization conflict), for up to
/// about ten seconds. A statement may have taken effect although its answer was lost, so each that this service sends has the same
/// effect when it comes twice. Within a transaction nothing is repeated: whoever opened it repeats the whole.
/// </summary>
internal sealed class StatementRetry(ExecutionStrategyDependencies dependencies) : NpgsqlRetryingExecutionStrategy(
    dependencies, maxRetryCount: 8, maxRetryDelay: TimeSpan.FromSeconds(2), errorCodesToAdd: MetadataOutage.ShutdownCodes)
{
    /// <inheritdoc/>
    /// <remarks>The base class would refuse to run within a transaction that the caller opened.</remarks>
    protected override void OnFirstExecution() => ExceptionsEncountered.Clear();

    /// <inheritdoc/>
    protected override bool ShouldRetryOn(Exception? exception) =>
        Dependencies.CurrentContext.Context.Database.CurrentTransaction is null && base.ShouldRetryOn(exception);
}
