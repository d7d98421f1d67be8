using MlService.Metadata;

namespace MlService.Storage;

/// <summary>
/// Where the service keeps what its jobs make: <c>s3://mlservice/{kind}/{id}/{attempt}/{file}</c>. Each attempt has a prefix of
/// its own, and the row names the one that counts.
/// </summary>
public static class Artifacts
{
    /// <summary>The bucket that belongs to the service: its users can read it, not write.</summary>
    public const string Bucket = "mlservice";

    /// <summary>Datasource: the files that it consists of, as JSON.</summary>
    public const string Files = "files.json";

    /// <summary>Datasource: the summaries from which recipes are fitted.</summary>
    public const string Statistics = "statistics.bin";

    /// <summary>Datasource: the data report. Evaluation: the report with curves and counts. Both JSON.</summary>
    public const string Report = "report.json";

    /// <summary>Evaluation of a binary model: all scores in order, from which any threshold's figures follow.</summary>
    public const string Ranking = "ranking.bin";

    /// <summary>Model: the model file.</summary>
    public const string Model = "model.bin";

    /// <summary>Model: the training log in words.</summary>
    public const string Log = "log.txt";

    /// <summary>Model: the training log as JSON.</summary>
    public const string LogJson = "log.json";

    /// <summary>Prefix of an attempt's artifacts within the bucket; ends with a slash.</summary>
    public static string Prefix(ResourceKey key, int attempt) => $"{key}/{attempt}/";

    /// <summary>Names one artifact of a completed resource.</summary>
    /// <exception cref="InvalidOperationException">The resource has none: it is not completed.</exception>
    public static ObjectUri Uri(Resource row, string file) => new(
        Bucket, (row.Artifacts ?? throw new InvalidOperationException($"{row.Key} has no artifacts.")) + file);

    /// <summary>Removes all that the resource's attempts left.</summary>
    public static Task Remove(IObjectStore objects, ResourceKey key, CancellationToken cancellation) =>
        Remove(objects, $"{key}/", cancellation);

    /// <summary>Removes all under one prefix.</summary>
    public static async Task Remove(IObjectStore objects, string prefix, CancellationToken cancellation)
    {
        try
        {
            await foreach (var item in objects.List(Bucket, prefix, null, cancellation))
                await objects.Delete(item.Uri, cancellation);
        }
        catch (ObjectNotFoundException)
        {
            // The bucket comes into being with its first artifact.
        }
    }

    /// <summary>Writes one artifact of a running attempt.</summary>
    public static async Task Write(
        IObjectStore objects, string prefix, string file, Action<Stream> write, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        write(buffer);
        buffer.Position = 0;
        await objects.Put(new ObjectUri(Bucket, prefix + file), buffer, buffer.Length, cancellation);
    }
}
