using System.Globalization;
using Microsoft.IO;
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

    /// <summary>Datasource: into which parts its data was cut while it was read, as JSON.</summary>
    public const string Parts = "parts.json";

    /// <summary>Datasource: the data report. Evaluation: the report with curves and counts. Both JSON.</summary>
    public const string Report = "report.json";

    /// <summary>Evaluation of a binary model: all scores in order, from which any threshold's figures follow.</summary>
    public const string Ranking = "ranking.bin";

    /// <summary>Model: the model file.</summary>
    public const string Model = "model.bin";

    /// <summary>Model: the training log in words.</summary>
    public const string Log = "log.txt";

    /// <summary>Model: the training log as JSON; while it trains, the course so far.</summary>
    public const string LogJson = "log.json";

    // Artifacts are a few megabytes each, again and again: memory that is new to the process each time costs more than what is written into it.
    private static readonly RecyclableMemoryStreamManager Buffers = new(new RecyclableMemoryStreamManager.Options
    {
        MaximumSmallPoolFreeBytes = 64 << 20,
        MaximumLargePoolFreeBytes = 16 << 20,
    });

    /// <summary>Beginning of the names of what an attempt's shards send each other; no part of its result.</summary>
    public const string ExchangePrefix = "exchange-";

    /// <summary>Datasource: the summaries of one part of its data, for the splits that it belongs to.</summary>
    public static string Part(int index) => string.Create(CultureInfo.InvariantCulture, $"part-{index}.bin");

    private const string CheckpointFolder = "checkpoint";

    /// <summary>Prefix of an attempt's artifacts within the bucket; ends with a slash.</summary>
    public static string Prefix(ResourceKey key, int attempt) => $"{key}/{attempt}/";

    /// <summary>Reads from an artifact's key whose it is; null if it is nobody's.</summary>
    public static ArtifactOwner? Owner(string key)
    {
        var parts = key.Split('/');
        if (parts.Length != 4 || !Enum.TryParse<ResourceKind>(parts[0], out var kind))
            return null;
        var isAttempt = int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var attempt);
        return isAttempt || parts[2] == CheckpointFolder
            ? new ArtifactOwner(new ResourceKey(kind, parts[1]), isAttempt ? attempt : null, $"{parts[0]}/{parts[1]}/{parts[2]}/")
            : null;
    }

    /// <summary>Names one artifact of a completed resource.</summary>
    /// <exception cref="InvalidOperationException">The resource has none: it is not completed.</exception>
    public static ObjectUri Uri(Resource row, string file) => new(
        Bucket, (row.Artifacts ?? throw new InvalidOperationException($"{row.Key} has no artifacts.")) + file);

    /// <summary>Under which a job saves its state now and then; it outlives the attempt, so that the next one can go on.</summary>
    public static ObjectUri Checkpoint(ResourceKey key) => new(Bucket, $"{key}/{CheckpointFolder}/");

    /// <summary>Removes all that a resource has.</summary>
    public static Task Remove(IObjectStore objects, ResourceKey key, CancellationToken cancellation) =>
        Remove(objects, $"{key}/", _ => true, cancellation);

    /// <summary>
    /// Removes all that earlier attempts at a resource left, but not its checkpoint. Nothing of later ones: whoever asks for this may have
    /// stood still since it began, and another may have taken over.
    /// </summary>
    public static Task RemoveBefore(IObjectStore objects, ResourceKey key, int attempt, CancellationToken cancellation) =>
        Remove(objects, $"{key}/", item => Owner(item)?.Attempt < attempt, cancellation);

    /// <summary>Removes all under one prefix, and what was on its way there.</summary>
    public static Task Remove(IObjectStore objects, string prefix, CancellationToken cancellation) =>
        Remove(objects, prefix, _ => true, cancellation);

    private static async Task Remove(IObjectStore objects, string prefix, Func<string, bool> which, CancellationToken cancellation)
    {
        await foreach (var upload in objects.ListUploads(Bucket, prefix, cancellation))
            if (which(upload.Target.Key))
                await objects.AbortUpload(upload, cancellation);
        try
        {
            await foreach (var item in objects.List(Bucket, prefix, null, cancellation))
                if (which(item.Uri.Key))
                    await objects.Delete(item.Uri, cancellation);
        }
        catch (ObjectNotFoundException)
        {
            // The bucket comes into being with its first artifact.
        }
    }

    /// <summary>An empty stream in memory, for an artifact in the making. Whoever disposes of it gives its memory back.</summary>
    public static MemoryStream Buffer() => Buffers.GetStream();

    /// <summary>Writes one artifact of a running attempt.</summary>
    public static async Task Write(
        IObjectStore objects, string prefix, string file, Action<Stream> write, CancellationToken cancellation)
    {
        using var buffer = Buffer();
        write(buffer);
        await Write(objects, prefix, file, buffer, cancellation);
    }

    /// <summary>Writes one artifact of a running attempt, whose bytes are there already.</summary>
    public static Task Write(IObjectStore objects, string prefix, string file, MemoryStream content, CancellationToken cancellation)
    {
        content.Position = 0;
        return objects.Put(new ObjectUri(Bucket, prefix + file), content, content.Length, cancellation);
    }
}

/// <summary>Whose an artifact is.</summary>
/// <param name="Key">The resource.</param>
/// <param name="Attempt">The attempt that wrote it; null if it is the checkpoint, which all attempts share.</param>
/// <param name="Prefix">Where the attempt's artifacts lie, or the checkpoint.</param>
public sealed record ArtifactOwner(ResourceKey Key, int? Attempt, string Prefix);
