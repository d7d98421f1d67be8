using MlService.Storage;

namespace MlService.Samples;

/// <summary>Puts the sample data into the object store at start, where it is missing, so that the documentation's examples work at once.</summary>
public sealed partial class SampleUpload(IObjectStore objects, ILogger<SampleUpload> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Generating takes a moment of processor time, which the start of the service must not wait for.
        await Task.Yield();
        try
        {
            foreach (var sample in new[] { BankingSample.Labelled, BankingSample.Batch })
            {
                var uri = new ObjectUri(BankingSample.Bucket, sample.Key);
                if (await objects.Head(uri, stoppingToken) is not null)
                    continue;
                await using var content = sample.OpenRead();
                await objects.Put(uri, content, cancellationToken: stoppingToken);
            }
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            Failed(logger, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sample data could not be stored; all else works without it")]
    private static partial void Failed(ILogger logger, Exception exception);
}
