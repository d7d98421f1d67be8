using MlService.Storage;

namespace MlService.Jobs;

/// <summary>
/// Bytes on their way from one process to another: in the message itself when there are few, else in object storage. A message
/// of many megabytes would hold up those behind it, failure detection's among them.
/// </summary>
/// <param name="Bytes">The bytes, if they are few.</param>
/// <param name="Location">Where they lie otherwise.</param>
[GenerateSerializer, Immutable]
public sealed record Parcel([property: Id(0)] byte[]? Bytes, [property: Id(1)] string? Location)
{
    private const int MostInMessage = 128 << 10;

    /// <summary>What lies in object storage already.</summary>
    public static Parcel At(ObjectUri uri) => new(null, uri.ToString());

    /// <summary>Packs what is written.</summary>
    /// <param name="objects">Where it goes if it is large.</param>
    /// <param name="uri">Its place there.</param>
    /// <param name="scratch">Directory for a file in the meantime.</param>
    /// <param name="write">Writes it; its thread may be burned.</param>
    /// <param name="cancellation">Stops it.</param>
    internal static async Task<Parcel> Pack(
        IObjectStore objects, ObjectUri uri, string scratch, Action<Stream> write, CancellationToken cancellation)
    {
        await using var file = ScratchFile(scratch);
        await Task.Run(() => write(file), cancellation);
        file.Position = 0;
        if (file.Length > MostInMessage)
        {
            await objects.Put(uri, file, file.Length, cancellation);
            return At(uri);
        }

        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes, cancellation);
        return new Parcel(bytes, null);
    }

    /// <summary>Reads what was packed.</summary>
    /// <param name="objects">Where it lies if it is large.</param>
    /// <param name="scratch">Directory for a file in the meantime.</param>
    /// <param name="read">Reads it from a stream that can seek; its thread may be burned.</param>
    /// <param name="cancellation">Stops it.</param>
    internal async Task<T> Open<T>(IObjectStore objects, string scratch, Func<Stream, T> read, CancellationToken cancellation)
    {
        if (Bytes is not null)
            return await Task.Run(() => read(new MemoryStream(Bytes, writable: false)), cancellation);
        await using var file = ScratchFile(scratch);
        await using (var stored = await objects.OpenRead(ObjectUri.Parse(Location!), cancellationToken: cancellation))
            await stored.CopyToAsync(file, cancellation);
        file.Position = 0;
        return await Task.Run(() => read(file), cancellation);
    }

    private static FileStream ScratchFile(string scratch) => new(
        Path.Combine(scratch, $"parcel-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 128 << 10,
        FileOptions.DeleteOnClose | FileOptions.Asynchronous);
}
