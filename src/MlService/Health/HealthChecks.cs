using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using MlService.Metadata;
using MlService.Storage;
using Orleans.Runtime;

namespace MlService.Health;

/// <summary>Whether the metadata store answers.</summary>
internal sealed class MetadataHealth(IDbContextFactory<MetadataContext> contexts) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var metadata = await contexts.CreateDbContextAsync(cancellationToken);
        await metadata.Tags.AnyAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}

/// <summary>Whether object storage answers.</summary>
internal sealed class StorageHealth(IObjectStore objects) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Whether there is such an object does not matter; that the store can tell does.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await objects.Head(new ObjectUri(Artifacts.Bucket, "health"), limit.Token);
            return HealthCheckResult.Healthy();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"Object storage does not answer within {Patience.TotalSeconds} s.");
        }
    }
}

/// <summary>Whether this process has its place in the cluster that runs the jobs.</summary>
internal sealed class JobsHealth(IServiceProvider services) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = services.GetService<ISiloStatusOracle>()?.CurrentStatus;
        return Task.FromResult(status == SiloStatus.Active
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"The job engine is {status?.ToString() ?? "absent"}."));
    }
}
