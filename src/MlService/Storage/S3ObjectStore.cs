using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using MlService.Problems;

namespace MlService.Storage;

/// <summary>
/// Objects on a server that speaks S3. Reads and uploads go side by side in ranges and parts; what the server or the network
/// does wrong is repeated for a while and then told as a <see cref="ProblemException"/>.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    /// <summary>The SDK would guess types from keys, and presigned links would show uploads as pages.</summary>
    private const string ContentType = "application/octet-stream";

    private readonly S3Options _options;
    private readonly S3Clients _clients;
    private readonly AmazonS3Client _client;
    private readonly S3Errors _errors;
    private readonly S3Ranges _ranges;

    /// <summary>Opens the store; no request is made yet.</summary>
    public S3ObjectStore(S3Options options)
    {
        _options = options;
        _clients = new S3Clients(options);
        _client = _clients.Retrying;
        _errors = new S3Errors(options.Server);
        _ranges = new S3Ranges(_client, options);
    }

    /// <summary>Keys that one request lists: the most that servers give.</summary>
    internal int KeysPerPage { get; init; } = 1000;

    public void Dispose() => _clients.Dispose();

    public async Task<ObjectInfo?> Head(ObjectUri uri, CancellationToken cancellationToken = default)
    {
        uri.RequireObject();
        try
        {
            var found = await _client.GetObjectMetadataAsync(
                new GetObjectMetadataRequest { BucketName = _options.Physical(uri.Bucket), Key = uri.Key }, cancellationToken);
            return Describe(uri, found.ContentLength, found.ETag, found.LastModified);
        }
        catch (AmazonS3Exception exception) when (S3Errors.IsMissing(exception))
        {
            return null;
        }
        catch (AmazonS3Exception exception) when (S3Errors.Code(exception) is "Forbidden" or "BadRequest")
        {
            // An answer to HEAD has no body, so it cannot tell a wrong key from a missing right. A listing can.
            await Call(new(uri), token => _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _options.Physical(uri.Bucket), MaxKeys = 1 }, token), cancellationToken);
            throw _errors.Of(exception, new(uri))!;
        }
        catch (Exception exception) when (Translated(exception, new(uri), cancellationToken) is { } problem)
        {
            throw problem;
        }
    }

    public async IAsyncEnumerable<ObjectInfo> List(
        string bucket, string prefix, string? startAfter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ObjectUri.RequirePrefix(bucket, prefix);
        Task<ListObjectsV2Response> Page(string? token) => Call(
            new(new ObjectUri(bucket, "")),
            cancel => _client.ListObjectsV2Async(
                new ListObjectsV2Request
                {
                    BucketName = _options.Physical(bucket),
                    Prefix = prefix,
                    StartAfter = token is null ? startAfter : null,
                    ContinuationToken = token,
                    MaxKeys = KeysPerPage,
                    Encoding = EncodingType.Url, // XML cannot bear all characters that keys may have
                },
                cancel),
            cancellationToken);

        var page = await Page(null);
        for (var pages = 1; ; pages++)
        {
            var more = page.IsTruncated == true;
            // Whoever takes a second page takes them all, so the next is on its way while this one is used.
            var next = more && pages > 1 ? Page(page.NextContinuationToken) : null;
            foreach (var found in page.S3Objects ?? [])
                yield return Describe(new ObjectUri(bucket, Decode(found.Key)), found.Size ?? 0, found.ETag, found.LastModified);
            if (!more)
                yield break;
            page = await (next ?? Page(page.NextContinuationToken));
        }
    }

    public async IAsyncEnumerable<string> ListBuckets([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var names = new List<string>();
        string? token = null;
        do
        {
            var request = new ListBucketsRequest { ContinuationToken = token };
            var page = await Call(new(new ObjectUri("", "")), cancel => _client.ListBucketsAsync(request, cancel), cancellationToken);
            names.AddRange((page.Buckets ?? [])
                .Select(bucket => bucket.BucketName == _options.ArtifactBucket ? BucketName.Reserved : bucket.BucketName)
                .Where(name => BucketName.Error(name) is null));
            token = page.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(token));
        foreach (var name in names.Distinct().Order(StringComparer.Ordinal))
            yield return name;
    }

    public async Task<Stream> OpenRead(
        ObjectUri uri, long offset = 0, long? length = null, string? ifMatch = null, CancellationToken cancellationToken = default)
    {
        uri.RequireObject();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length is { } wanted)
            ArgumentOutOfRangeException.ThrowIfNegative(wanted);
        while (length != 0)
        {
            try
            {
                var first = await Fetch(uri, offset, (int)Math.Min(length ?? long.MaxValue, S3Content.FirstRangeBytes), ifMatch, cancellationToken);
                var end = length is { } bytes && bytes < first.ObjectSize - offset ? offset + bytes : first.ObjectSize;
                return new S3Content(first, offset, end, (from, count, cancel) => Fetch(uri, from, count, first.ETag, cancel));
            }
            catch (ObjectRangeException)
            {
                // An empty object has no range at all, and the answer does not tell the size.
                var info = await Require(uri, ifMatch, cancellationToken);
                if (offset >= info.Size)
                    return offset == 0 ? Stream.Null : throw new ObjectRangeException(uri, offset, info.Size);
            }
        }

        var size = (await Require(uri, ifMatch, cancellationToken)).Size;
        return offset == 0 || offset < size ? Stream.Null : throw new ObjectRangeException(uri, offset, size);
    }

    public Task<ObjectInfo> Put(ObjectUri uri, Stream content, long? length = null, CancellationToken cancellationToken = default)
    {
        uri.RequireObject();
        return new S3Upload(this, uri, content, length).Run(cancellationToken);
    }

    public async Task<bool> Delete(ObjectUri uri, CancellationToken cancellationToken = default)
    {
        if (await Head(uri, cancellationToken) is null)
            return false; // S3 does not tell
        await Call(
            new(uri), cancel => _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _options.Physical(uri.Bucket), Key = uri.Key }, cancel), cancellationToken);
        return true;
    }

    public async Task<MultipartUpload> BeginUpload(ObjectUri target, CancellationToken cancellationToken = default)
    {
        target.RequireObject();
        var request = new InitiateMultipartUploadRequest { BucketName = _options.Physical(target.Bucket), Key = target.Key, ContentType = ContentType };
        var begun = await InBucket(target, cancel => _client.InitiateMultipartUploadAsync(request, cancel), cancellationToken);
        return new MultipartUpload(target, begun.UploadId, WholeSeconds(DateTime.UtcNow));
    }

    public async Task<UploadedPart> UploadPart(
        MultipartUpload upload, int number, Stream content, CancellationToken cancellationToken = default)
    {
        MultipartUpload.CheckNumber(number);
        if (upload.Id.Length == 0)
            throw ObjectNotFoundException.OfUpload(upload);
        // A try that failed must be able to begin anew.
        using var copy = content.CanSeek ? null : new MemoryStream();
        if (copy is not null)
        {
            await content.CopyToAsync(copy, cancellationToken);
            copy.Position = 0;
        }

        var body = copy ?? content;
        var size = body.Length - body.Position;
        var request = new UploadPartRequest
        {
            BucketName = _options.Physical(upload.Target.Bucket),
            Key = upload.Target.Key,
            UploadId = upload.Id,
            PartNumber = number,
            InputStream = body,
            PartSize = size,
            UseChunkEncoding = false,
        };
        var sent = await Call(new(upload.Target, upload), cancel => _client.UploadPartAsync(request, cancel), cancellationToken);
        return new UploadedPart(number, sent.ETag.Trim('"'), size);
    }

    public async Task<ObjectInfo> CompleteUpload(
        MultipartUpload upload, IReadOnlyList<UploadedPart> parts, CancellationToken cancellationToken = default)
    {
        MultipartUpload.Check(parts);
        if (upload.Id.Length == 0)
            throw ObjectNotFoundException.OfUpload(upload);
        var tag = await new S3Completion(_clients.Once, _options, upload, parts).Run(
            (call, cancel) => Call(new(upload.Target, upload), call, cancel), token => Head(upload.Target, token), cancellationToken);
        return await Published(upload.Target, parts.Sum(part => part.Size), tag, cancellationToken);
    }

    public async Task AbortUpload(MultipartUpload upload, CancellationToken cancellationToken = default)
    {
        if (upload.Id.Length == 0)
            return;
        var request = new AbortMultipartUploadRequest { BucketName = _options.Physical(upload.Target.Bucket), Key = upload.Target.Key, UploadId = upload.Id };
        try
        {
            await Call(new(upload.Target, upload), cancel => _client.AbortMultipartUploadAsync(request, cancel), cancellationToken);
        }
        catch (ObjectNotFoundException)
        {
            // It has already ended.
        }
    }

    public async IAsyncEnumerable<MultipartUpload> ListUploads(
        string bucket, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ObjectUri.RequirePrefix(bucket, prefix);
        var found = new List<MultipartUpload>();
        var request = new ListMultipartUploadsRequest { BucketName = _options.Physical(bucket), Prefix = prefix, Encoding = EncodingType.Url };
        try
        {
            while (true)
            {
                var page = await Call(new(new ObjectUri(bucket, "")), cancel => _client.ListMultipartUploadsAsync(request, cancel), cancellationToken);
                found.AddRange((page.MultipartUploads ?? []).Select(upload => new MultipartUpload(
                    new ObjectUri(bucket, Decode(upload.Key)), upload.UploadId, WholeSeconds(upload.Initiated?.ToUniversalTime() ?? default))));
                if (page.IsTruncated != true)
                    break;
                (request.KeyMarker, request.UploadIdMarker) = (Decode(page.NextKeyMarker), page.NextUploadIdMarker);
            }
        }
        catch (ObjectNotFoundException)
        {
            yield break; // a bucket comes into being with its first upload
        }

        // Servers order the uploads to one key by their beginning.
        foreach (var upload in found.OrderBy(upload => upload.Target.Key, Utf8Order.Instance).ThenBy(upload => upload.Id, StringComparer.Ordinal))
            yield return upload;
    }

    public Uri? PresignRead(ObjectUri uri, TimeSpan lifetime)
    {
        uri.RequireObject();
        var config = _clients.Public.Config;
        return new Uri(_clients.Public.GetPreSignedURL(new GetPreSignedUrlRequest
        {
            BucketName = _options.Physical(uri.Bucket),
            Key = uri.Key,
            Verb = HttpVerb.GET,
            Expires = DateTime.UtcNow + lifetime,
            Protocol = config.ServiceURL?.StartsWith("http://", StringComparison.OrdinalIgnoreCase) == true ? Protocol.HTTP : Protocol.HTTPS,
        }));
    }

    /// <summary>Makes a bucket where it is missing.</summary>
    internal async Task CreateBucket(string bucket, CancellationToken cancellation)
    {
        try
        {
            await _client.PutBucketAsync(new PutBucketRequest { BucketName = _options.Physical(bucket) }, cancellation);
        }
        catch (AmazonS3Exception exception) when (S3Errors.Code(exception) == "BucketAlreadyOwnedByYou")
        {
            // Another process was faster.
        }
        catch (Exception exception) when (Translated(exception, new(new ObjectUri(bucket, "")), cancellation) is { } problem)
        {
            throw problem;
        }
    }

    /// <summary>Writes an object from memory, in one request.</summary>
    internal async Task<ObjectInfo> PutWhole(ObjectUri uri, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var sent = await InBucket(
            uri,
            async cancel =>
            {
                using var body = S3Upload.Body(content);
                return await _client.PutObjectAsync(
                    new PutObjectRequest { BucketName = _options.Physical(uri.Bucket), Key = uri.Key, InputStream = body, ContentType = ContentType, UseChunkEncoding = false },
                    cancel);
            },
            cancellation);
        return await Published(uri, content.Length, sent.ETag.Trim('"'), cancellation);
    }

    private static string Decode(string encoded) => Uri.UnescapeDataString(encoded.Replace('+', ' '));

    private static ObjectInfo Describe(ObjectUri uri, long size, string etag, DateTime? modified) =>
        new(uri, size, etag.Trim('"'), WholeSeconds(modified?.ToUniversalTime() ?? default));

    /// <summary>Listings tell milliseconds, headers whole seconds: one object, one time.</summary>
    private static DateTime WholeSeconds(DateTime time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    /// <summary>Describes what was just published; the answer to an upload leaves out the time.</summary>
    private async Task<ObjectInfo> Published(ObjectUri uri, long size, string? etag, CancellationToken cancellation) =>
        await Head(uri, cancellation) is { } info && (etag is null || info.ETag == etag) ? info : Describe(uri, size, etag ?? "", DateTime.UtcNow);

    private async Task<S3Range> Fetch(ObjectUri uri, long offset, int length, string? ifMatch, CancellationToken cancellation)
    {
        try
        {
            return await _ranges.Read(uri, offset, length, ifMatch, cancellation);
        }
        catch (AmazonS3Exception exception) when (S3Errors.Code(exception) == "InvalidRange")
        {
            throw new ObjectRangeException(uri, offset, 0);
        }
        catch (Exception exception) when (Translated(exception, new(uri, null, ifMatch), cancellation) is { } problem)
        {
            throw problem;
        }
    }

    private async Task<ObjectInfo> Require(ObjectUri uri, string? ifMatch, CancellationToken cancellation)
    {
        var info = await Head(uri, cancellation) ?? throw ObjectNotFoundException.Of(uri);
        return ifMatch is null || ifMatch == info.ETag ? info : throw ObjectChangedException.Of(uri, ifMatch);
    }

    /// <summary>Makes a call that may be the first to need the bucket.</summary>
    private async Task<T> InBucket<T>(ObjectUri uri, Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call(cancellation);
        }
        catch (AmazonS3Exception exception) when (S3Errors.Code(exception) == "NoSuchBucket")
        {
            if (!_options.CreateBuckets)
                throw new ObjectNotFoundException(
                    $"There is no bucket '{uri.Bucket}', and {S3Options.Section}:CreateBuckets is off. Create it with the storage's own tools.");
        }
        catch (Exception exception) when (Translated(exception, new(uri), cancellation) is { } problem)
        {
            throw problem;
        }

        await CreateBucket(uri.Bucket, cancellation);
        return await Call(new(uri), call, cancellation);
    }

    private async Task<T> Call<T>(S3Errors.Subject subject, Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call(cancellation);
        }
        catch (Exception exception) when (Translated(exception, subject, cancellation) is { } problem)
        {
            throw problem;
        }
    }

    private Exception? Translated(Exception exception, S3Errors.Subject subject, CancellationToken cancellation) =>
        exception is OperationCanceledException && cancellation.IsCancellationRequested ? null : _errors.Of(exception, subject);
}
