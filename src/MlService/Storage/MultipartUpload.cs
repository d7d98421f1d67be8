using MlService.Learning;

namespace MlService.Storage;

/// <summary>An upload in parts that is neither completed nor aborted. It outlives the process that began it.</summary>
/// <param name="Target">The object that completing it publishes.</param>
/// <param name="Id">The store's name for it.</param>
/// <param name="Started">When it began, UTC.</param>
public sealed record MultipartUpload(ObjectUri Target, string Id, DateTime Started)
{
    public const int MaxParts = 10_000;

    /// <summary>S3's rule: every part but the last has at least 5 MiB; it is enforced on completion.</summary>
    public const long MinPartBytes = 5 * 1024 * 1024;

    /// <summary>Judges the parts that are to make the object, before anything is written.</summary>
    internal static void Check(IReadOnlyList<UploadedPart> parts)
    {
        if (parts.Count == 0)
            throw new InvalidInputException("An upload needs at least one part to be completed. Upload part 1, or abort it.");
        for (var i = 0; i < parts.Count; i++)
        {
            CheckNumber(parts[i].Number);
            if (i > 0 && parts[i].Number <= parts[i - 1].Number)
                throw new InvalidInputException(
                    $"Part {parts[i].Number} comes after part {parts[i - 1].Number}. List the parts by rising number, each once.");
        }
    }

    internal static void CheckNumber(int number)
    {
        if (number is < 1 or > MaxParts)
            throw new InvalidInputException($"Part number {number} is not between 1 and {MaxParts}.");
    }
}

/// <summary>A part that has arrived.</summary>
/// <param name="Number">1 to 10,000: its place among the parts.</param>
/// <param name="ETag">The version that arrived; uploading the number again makes another.</param>
/// <param name="Size">Bytes.</param>
public sealed record UploadedPart(int Number, string ETag, long Size);
