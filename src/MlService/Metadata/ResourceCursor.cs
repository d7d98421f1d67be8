using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using MlService.Problems;

namespace MlService.Metadata;

/// <summary>
/// Where a page of a list ended: the last row's place in the order, not its number, so rows that come and go between two
/// pages neither repeat nor hide others.
/// </summary>
/// <param name="Value">The last row's value of the sort field.</param>
/// <param name="CreatedAt">Its creation time.</param>
/// <param name="Id">Its id.</param>
internal sealed record ResourceCursor(string Value, DateTime CreatedAt, string Id)
{
    private const int ChecksumBytes = 8;

    /// <summary>The cursor as opaque text, tied to the query that it continues.</summary>
    public string Write(ResourceQuery query, ResourceKind kind)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(
            new[] { Value, CreatedAt.ToString("O", CultureInfo.InvariantCulture), Id }, JsonSerializerOptions.Default);
        return Base64Url.EncodeToString([.. Checksum(payload, query, kind), .. payload]);
    }

    /// <summary>Reads what <see cref="Write"/> wrote for the same query.</summary>
    /// <exception cref="ProblemException">The text is no cursor, or one of another query.</exception>
    public static ResourceCursor Read(string text, ResourceQuery query, ResourceKind kind)
    {
        if (!Base64Url.IsValid(text))
            throw Refuse();
        var bytes = Base64Url.DecodeFromChars(text).AsSpan();
        if (bytes.Length <= ChecksumBytes)
            throw Refuse();
        var payload = bytes[ChecksumBytes..];
        if (!bytes[..ChecksumBytes].SequenceEqual(Checksum(payload, query, kind)))
            throw Refuse();
        var parts = JsonSerializer.Deserialize<string[]>(payload, JsonSerializerOptions.Default)!;
        return new ResourceCursor(
            parts[0], DateTime.Parse(parts[1], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind), parts[2]);
    }

    private static ProblemException Refuse() => ResourceProblems.Invalid("cursor",
        "cursor is not one that this list has given out. Pass nextCursor of the page before, with the same filters and sort, or start without one.");

    private static byte[] Checksum(ReadOnlySpan<byte> payload, ResourceQuery query, ResourceKind kind)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(payload);
        var shape = new { kind, query.Filters, query.Text, query.Tag, query.SortBy, query.Descending };
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(shape, JsonSerializerOptions.Default));
        return hash.GetHashAndReset()[..ChecksumBytes];
    }
}
