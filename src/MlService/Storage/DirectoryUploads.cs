using System.Globalization;
using System.Text.Json;

namespace MlService.Storage;

/// <summary>
/// Uploads in parts: <c>{root}/{id}/upload.json</c> says to where and since when, and each part is a file named by its
/// number. They stay until they are completed or aborted, whatever happens to the process. What is dropped goes by way of
/// <paramref name="temporary"/>.
/// </summary>
internal sealed class DirectoryUploads(string root, string temporary)
{
    private const string ManifestName = "upload.json";

    private sealed record Manifest(string Bucket, string Key, DateTime Started);

    public MultipartUpload Begin(ObjectUri target, DateTime now)
    {
        var upload = new MultipartUpload(target, Guid.NewGuid().ToString("N"), now);
        var directory = Path.Combine(root, upload.Id);
        Directory.CreateDirectory(directory);
        File.WriteAllText(
            Path.Combine(directory, ManifestName), JsonSerializer.Serialize(new Manifest(target.Bucket, target.Key, now)));
        return upload;
    }

    /// <summary>The directory of an upload that is under way.</summary>
    /// <exception cref="ObjectNotFoundException">It has ended, or never was.</exception>
    public string Require(MultipartUpload upload)
    {
        // The id comes from outside: only what Begin makes may become a path.
        if (Guid.TryParseExact(upload.Id, "N", out _) && Read(Path.Combine(root, upload.Id)) is { } found && found.Target == upload.Target)
            return Path.Combine(root, upload.Id);
        throw ObjectNotFoundException.OfUpload(upload);
    }

    public static string PartPath(string directory, int number) =>
        Path.Combine(directory, number.ToString("D5", CultureInfo.InvariantCulture));

    public void End(MultipartUpload upload)
    {
        if (!Guid.TryParseExact(upload.Id, "N", out _))
            return;
        // In one step first, so that a part which arrives meanwhile finds no upload rather than half of one.
        var ended = Path.Combine(temporary, Guid.NewGuid().ToString("N"));
        try
        {
            Directory.Move(Path.Combine(root, upload.Id), ended);
        }
        catch (DirectoryNotFoundException)
        {
            return; // ended before
        }
        Directory.Delete(ended, recursive: true);
    }

    public IEnumerable<MultipartUpload> List(string bucket, string prefix) => Directory.EnumerateDirectories(root)
        .Select(Read)
        .OfType<MultipartUpload>()
        .Where(upload => upload.Target.Bucket == bucket && upload.Target.Key.StartsWith(prefix, StringComparison.Ordinal))
        .OrderBy(upload => upload.Target.Key, Utf8Order.Instance)
        .ThenBy(upload => upload.Id, StringComparer.Ordinal);

    /// <summary>Drops what a crash left before the manifest was whole.</summary>
    public void DropUnfinished()
    {
        foreach (var directory in Directory.EnumerateDirectories(root).Where(directory => Read(directory) is null).ToList())
            Directory.Delete(directory, recursive: true);
    }

    private static MultipartUpload? Read(string directory)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<Manifest>(File.ReadAllText(Path.Combine(directory, ManifestName)));
            return manifest is null
                ? null
                : new MultipartUpload(new ObjectUri(manifest.Bucket, manifest.Key), Path.GetFileName(directory), manifest.Started);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null; // ended while we looked, or never begun wholly
        }
    }
}
