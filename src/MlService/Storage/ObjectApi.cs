using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using MlService.Learning;
using MlService.Limits;
using MlService.Problems;

namespace MlService.Storage;

/// <summary>An object as the REST face shows it.</summary>
/// <param name="Uri">Where it lies: <c>s3://bucket/key</c>, to be used as <c>dataLocation</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">Names this version of the content.</param>
/// <param name="LastModified">When it was uploaded.</param>
public sealed record ObjectView(string Uri, long Size, string ETag, DateTime LastModified)
{
    internal static ObjectView Of(ObjectInfo info) => new(info.Uri.ToString(), info.Size, info.ETag, info.LastModified);
}

/// <summary>A page of a bucket's objects, in the byte order of their keys.</summary>
/// <param name="Objects">The objects.</param>
/// <param name="NextCursor">Asks for the next page; absent on the last one.</param>
public sealed record ObjectPage(IReadOnlyList<ObjectView> Objects, string? NextCursor);

/// <summary>The buckets that exist.</summary>
/// <param name="Buckets">Their names, in order.</param>
public sealed record BucketList(IReadOnlyList<string> Buckets);

/// <summary>Upload, download and listing of objects: <c>/v1/objects</c>.</summary>
public static class ObjectApi
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>Maps the calls.</summary>
    public static IEndpointRouteBuilder MapObjects(this IEndpointRouteBuilder routes)
    {
        var objects = routes.MapGroup("/v1/objects").WithTags("Objects").WithoutTimeLimit();
        objects.MapGet("/", ListBuckets).WithName("ListBuckets").WithSummary("Lists the buckets");
        objects.MapGet("/{bucket}", List).WithName("ListObjects").WithSummary("Lists a bucket's objects, a page at a time");
        objects.MapPut("/{bucket}/{**key}", Upload).WithName("PutObject").WithSummary("Uploads an object: any content, any size")
            .Accepts<Stream>("application/octet-stream", "*/*");
        objects.MapGet("/{bucket}/{**key}", Download).WithName("GetObject")
            .WithSummary("Downloads an object, or a range of it").Produces<Stream>(contentType: "application/octet-stream");
        objects.MapMethods("/{bucket}/{**key}", [HttpMethods.Head], Download).ExcludeFromDescription();
        objects.MapDelete("/{bucket}/{**key}", Delete).WithName("DeleteObject").WithSummary("Deletes an object");
        return routes;
    }

    private static async Task<BucketList> ListBuckets(HttpContext context, IObjectStore store, CancellationToken cancellationToken) =>
        new(await store.ListBuckets(cancellationToken).Where(Reach(context).Touches).ToListAsync(cancellationToken));

    private static async Task<ObjectPage> List(
        HttpContext context, string bucket, string? prefix, int? limit, string? cursor, IObjectStore store, CancellationToken cancellationToken)
    {
        var count = limit ?? DefaultLimit;
        if (count is < 1 or > MaxLimit)
            throw new ProblemException(ProblemKind.InvalidInput, $"'limit' is {count}; it must be from 1 to {MaxLimit}.", "limit");
        var found = await Reach(context).List(store, bucket, prefix ?? "", ReadCursor(cursor), cancellationToken)
            .Take(count + 1).ToListAsync(cancellationToken);
        var next = found.Count > count ? WriteCursor(found[count - 1].Uri.Key) : null;
        return new ObjectPage([.. found.Take(count).Select(ObjectView.Of)], next);
    }

    private static async Task<Results<Created<ObjectView>, Ok<ObjectView>>> Upload(
        HttpContext context, IObjectStore store, CancellationToken cancellationToken)
    {
        var request = context.Request;
        var uri = Writable(context);
        if (request.Headers.IfNoneMatch.Count > 0 || request.Headers.IfMatch.Count > 0)
            throw new ProblemException(
                ProblemKind.InvalidInput, "Conditional uploads are not supported. Leave out If-Match and If-None-Match.", "If-Match");
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        var existed = await store.Head(uri, cancellationToken) is not null;
        var body = request.Headers.ContentMD5.ToString() is { Length: > 0 } digest ? new DigestCheck(request.Body, digest) : request.Body;
        var view = ObjectView.Of(await store.Put(uri, body, request.ContentLength, cancellationToken));
        context.Response.Headers.ETag = $"\"{view.ETag}\"";
        return existed ? TypedResults.Ok(view) : TypedResults.Created(request.Path.ToUriComponent(), view);
    }

    private static Task Download(HttpContext context, IObjectStore store) =>
        ObjectDownload.Answer(context, store, ObjectAddress.Read(context));

    private static async Task<NoContent> Delete(HttpContext context, IObjectStore store, CancellationToken cancellationToken)
    {
        var uri = Writable(context);
        return await store.Delete(uri, cancellationToken) ? TypedResults.NoContent() : throw ObjectNotFoundException.Of(uri);
    }

    private static ObjectReach Reach(HttpContext context) => context.Features.Get<ObjectReach>() ?? ObjectReach.Everything;

    private static ObjectUri Writable(HttpContext context)
    {
        var uri = ObjectAddress.Read(context);
        return uri.Bucket != BucketName.Reserved
            ? uri
            : throw new ProblemException(
                ProblemKind.Forbidden, $"The bucket '{BucketName.Reserved}' holds what the service makes, and is read-only here. "
                + "Use another bucket; what belongs to a resource goes when the resource is deleted.");
    }

    private static string WriteCursor(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    private static string? ReadCursor(string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
            return null;
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        }
        catch (FormatException)
        {
            throw new ProblemException(
                ProblemKind.InvalidInput, "'cursor' is not one of ours. Pass the nextCursor of the page before, or leave it out.", "cursor");
        }
    }
}
