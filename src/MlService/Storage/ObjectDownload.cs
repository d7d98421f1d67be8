using Microsoft.AspNetCore.Http.Headers;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;
using MlService.Problems;

namespace MlService.Storage;

/// <summary>Answers GET and HEAD of an object: conditions (RFC 9110, section 13) and one range (section 14), as S3 does.</summary>
internal static class ObjectDownload
{
    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    public static async Task Answer(HttpContext context, IObjectStore store, ObjectUri uri)
    {
        while (true)
        {
            var info = await store.Head(uri, context.RequestAborted) ?? throw ObjectNotFoundException.Of(uri);
            try
            {
                await Answer(context, store, info);
                return;
            }
            catch (ObjectChangedException) when (!context.Response.HasStarted)
            {
                // Replaced between the two looks: the new version is as good an answer.
                context.Response.StatusCode = StatusCodes.Status200OK;
                context.Response.Headers.ContentRange = default;
            }
        }
    }

    private static async Task Answer(HttpContext context, IObjectStore store, ObjectInfo info)
    {
        var response = context.Response;
        var request = context.Request.GetTypedHeaders();
        var tag = new EntityTagHeaderValue($"\"{info.ETag}\"");
        // HTTP dates have whole seconds.
        var modified = new DateTimeOffset(info.LastModified.AddTicks(-(info.LastModified.Ticks % TimeSpan.TicksPerSecond)), TimeSpan.Zero);
        response.Headers.ETag = tag.ToString();
        response.Headers.LastModified = HeaderUtilities.FormatDate(modified);
        response.Headers.AcceptRanges = "bytes";
        response.Headers.CacheControl = "no-cache";
        if (IsUnwanted(request, tag, modified))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        DescribeContent(response, info.Uri.Key);

        var (offset, length) = (0L, info.Size);
        if (WantedRange(request, tag, modified) is { } range)
        {
            if (Satisfy(range, info.Size) is not { } satisfied)
            {
                response.Headers.ContentRange = $"bytes */{info.Size}";
                throw new ObjectRangeException(info.Uri, range.From ?? 0, info.Size);
            }
            (offset, length) = satisfied;
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {offset}-{offset + length - 1}/{info.Size}";
        }
        response.ContentLength = length;
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        await using var content = await store.OpenRead(info.Uri, offset, length, info.ETag, context.RequestAborted);
        await content.CopyToAsync(response.Body, context.RequestAborted);
    }

    /// <summary>Whether the client has this version already (304).</summary>
    /// <exception cref="ProblemException">The client wants another version (412).</exception>
    private static bool IsUnwanted(RequestHeaders request, EntityTagHeaderValue tag, DateTimeOffset modified)
    {
        var failed = request.IfMatch.Count > 0
            ? !request.IfMatch.Any(wanted => wanted.Equals(EntityTagHeaderValue.Any) || wanted.Compare(tag, useStrongComparison: true))
            : modified > request.IfUnmodifiedSince;
        if (failed)
            throw new ProblemException(
                ProblemKind.PreconditionFailed, $"The object is now version {tag}, not the one that If-Match or If-Unmodified-Since asks for.");
        return request.IfNoneMatch.Count > 0
            ? request.IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false))
            : modified <= request.IfModifiedSince;
    }

    /// <summary>Uploads are strangers' bytes: they are saved, and never shown or run as pages of this origin.</summary>
    private static void DescribeContent(HttpResponse response, string key)
    {
        response.ContentType = ContentTypes.TryGetContentType(key, out var type) ? type : "application/octet-stream";
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(key[(key.TrimEnd('/').LastIndexOf('/') + 1)..].TrimEnd('/'));
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
    }

    /// <summary>The range that is asked for; null for the whole object, which also answers several ranges and what is no range.</summary>
    private static RangeItemHeaderValue? WantedRange(RequestHeaders request, EntityTagHeaderValue tag, DateTimeOffset modified)
    {
        if (request.Range is not { } range || range.Unit != "bytes" || range.Ranges.Count != 1)
            return null;
        var isSame = request.IfRange is not { } condition
            || (condition.EntityTag?.Compare(tag, useStrongComparison: true) ?? condition.LastModified == modified);
        return isSame ? range.Ranges.Single() : null;
    }

    private static (long Offset, long Length)? Satisfy(RangeItemHeaderValue range, long size)
    {
        if (range.From is { } from)
            return from >= size ? null : (from, Math.Min(range.To ?? long.MaxValue, size - 1) - from + 1);
        var suffix = Math.Min(range.To!.Value, size);
        return suffix == 0 ? null : (size - suffix, suffix);
    }
}
