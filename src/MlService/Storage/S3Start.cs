using MlService.Learning;
using MlService.Problems;

namespace MlService.Storage;

/// <summary>
/// Makes the service's own bucket at start. Wrong keys end the start, for nothing would work; a server that does not
/// answer does not, for it may come up later: until then the service is not ready.
/// </summary>
internal sealed partial class S3Start(S3ObjectStore store, S3Options options, ILogger<S3Start> logger) : IHostedService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await Ensure(limit.Token);
        }
        catch (ObjectNotFoundException missing)
        {
            throw new InvalidInputException(
                $"The object storage has no bucket '{options.ArtifactBucket}', and {S3Options.Section}:CreateBuckets is off. "
                + "Create it with the storage's own tools, or switch CreateBuckets on.", missing);
        }
        catch (ProblemException problem) when (problem.InnerException is { } cause && S3Errors.Code(cause) is not null && !S3Errors.MayPass(cause))
        {
            throw new InvalidInputException(problem.Message, problem);
        }
        catch (ProblemException problem)
        {
            Silent(problem.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Silent($"The object storage at {options.Server} did not answer in {Patience.TotalSeconds} s.");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task Ensure(CancellationToken cancellation)
    {
        try
        {
            await store.List(BucketName.Reserved, "", null, cancellation).AnyAsync(cancellation);
        }
        catch (ObjectNotFoundException) when (options.CreateBuckets)
        {
            await store.CreateBucket(BucketName.Reserved, cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Starting without object storage, and not ready until it answers. {Problem}")]
    private partial void Silent(string problem);
}
