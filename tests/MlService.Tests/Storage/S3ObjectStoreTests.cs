using System.Security.Cryptography;
using MlService.Problems;
using MlService.Learning;
using MlService.Storage;

namespace MlService.Tests.Storage;

/// <summary>The suite on a real S3 server, and what only servers, networks and large objects bring.</summary>
public sealed class S3ObjectStoreTests(S3Server server) : ObjectStoreTests, IAsyncLifetime
{
    private const int Mebibyte = 1 << 20;

    // A name is an upper limit of 63 characters; eight of them tell the tests apart.
    private readonly string _unique = Guid.NewGuid().ToString("N")[..8] + "-";
    private S3ObjectStore _store = null!;
    private S3Options _options = null!;

    protected override IObjectStore Store => _store;

    protected override string Bucket(string name) => BucketName.Error(name) is null || name.Length == 0 ? _unique + name : name;

    protected override int ListingSamples => 6;

    // Ceph's gateway folds slashes at the beginning of a path and takes no NUL; each of the others is a key.
    protected override bool Takes(string key) => !key.StartsWith('/') && !key.Contains('\0', StringComparison.Ordinal);

    public async ValueTask InitializeAsync()
    {
        _options = (await server.Options()).With(options => options.MaxRetries = 1);
        _store = new S3ObjectStore(_options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is null)
            return;
        await S3Cleaning.DropBuckets(_options, _store, name => name.StartsWith(_unique, StringComparison.Ordinal));
        _store.Dispose();
    }

    private static byte[] RandomBytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    [Theory]
    [InlineData(8 * Mebibyte - 1)]
    [InlineData(8 * Mebibyte)]
    [InlineData(35 * Mebibyte + 17)]
    public async Task AStreamOfUnknownLengthBecomesOneObject(int size)
    {
        var bytes = RandomBytes(size, 1);
        var info = await _store.Put(Uri("large"), new TricklingStream(bytes), cancellationToken: Cancellation);
        Assert.Equal(size, info.Size);
        Assert.Equal(info, await _store.Head(Uri("large"), Cancellation));
        await using var stream = await _store.OpenRead(Uri("large"), cancellationToken: Cancellation);
        Assert.Equal(size, stream.Length);
        Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(stream, Cancellation));
        Assert.Empty(await UploadIds(""));
    }

    [Fact]
    public async Task ALongUploadThatBreaksOffLeavesNoParts()
    {
        await Put("key", "old");
        await Assert.ThrowsAsync<IOException>(() => _store.Put(Uri("key"), new TornStream(30 * Mebibyte), cancellationToken: Cancellation));
        Assert.Equal("old", await Get("key"));
        Assert.Empty(await UploadIds(""));
    }

    [Theory]
    [InlineData(19)]
    [InlineData(21)]
    public async Task ALongUploadOfAnotherLengthThanAnnouncedIsRefused(int mebibytes)
    {
        var content = new TricklingStream(new byte[20 * Mebibyte]);
        await Assert.ThrowsAsync<InvalidInputException>(() => _store.Put(Uri("key"), content, (long)mebibytes * Mebibyte, Cancellation));
        Assert.Null(await _store.Head(Uri("key"), Cancellation));
        Assert.Empty(await UploadIds(""));
    }

    [Theory]
    [InlineData(1, null, 8 << 20)]
    [InlineData(2500, null, 8 << 20)]
    [InlineData(2501, null, 16 << 20)]
    [InlineData(10_000, null, 64 << 20)]
    [InlineData(1, 1L << 30, 8 << 20)]
    public void PartsGrowWithTheObject(int number, long? length, int size) => Assert.Equal(size, S3Upload.PartSize(number, length));

    [Fact]
    public void TheLargestObjectHasPartsEnough()
    {
        const long fiveTebibytes = 5L << 40;
        Assert.InRange(S3Upload.PartSize(1, fiveTebibytes) * 10_000L, fiveTebibytes, 2 * fiveTebibytes);
    }

    [Fact]
    public async Task AnyRangeReadInAnyStepsIsTheBytesOfTheObject()
    {
        var bytes = RandomBytes(26 * Mebibyte + 5, 2);
        await _store.Put(Uri("large"), new MemoryStream(bytes), bytes.Length, Cancellation);
        var random = new Random(3);
        for (var i = 0; i < 12; i++)
        {
            var offset = random.Next(bytes.Length);
            var length = i % 3 == 0 ? (int?)null : random.Next(1, bytes.Length);
            var expected = bytes.AsMemory(offset, Math.Min(length ?? int.MaxValue, bytes.Length - offset));
            await using var stream = await _store.OpenRead(Uri("large"), offset, length, cancellationToken: Cancellation);
            Assert.Equal(expected.Length, stream.Length);
            var read = await ReadInSteps(stream, random, synchronously: i % 2 == 0);
            Assert.True(expected.Span.SequenceEqual(read));
            Assert.Equal(expected.Length, stream.Position);
        }
    }

    private static async Task<byte[]> ReadInSteps(Stream stream, Random random, bool synchronously)
    {
        var read = new MemoryStream();
        var buffer = new byte[3 * Mebibyte];
        while (true)
        {
            var step = buffer.AsMemory(0, random.Next(1, buffer.Length));
            var count = synchronously
                ? await Task.Run(() => stream.Read(step.Span), Cancellation)
                : await stream.ReadAsync(step, Cancellation);
            if (count == 0)
                return read.ToArray();
            read.Write(step.Span[..count]);
        }
    }

    [Fact]
    public async Task AnObjectReplacedWhileItIsReadIsAnErrorAndNeverAMixture()
    {
        await _store.Put(Uri("large"), new MemoryStream(RandomBytes(24 * Mebibyte, 4)), cancellationToken: Cancellation);
        await using var stream = await _store.OpenRead(Uri("large"), cancellationToken: Cancellation);
        await stream.ReadExactlyAsync(new byte[1000], Cancellation);
        await _store.Put(Uri("large"), new MemoryStream(RandomBytes(24 * Mebibyte, 5)), cancellationToken: Cancellation);
        var error = await Assert.ThrowsAsync<ObjectChangedException>(() => stream.CopyToAsync(Stream.Null, Cancellation));
        Assert.Equal(412, error.Kind.Status);
        var blocking = await _store.OpenRead(Uri("large"), ifMatch: null, cancellationToken: Cancellation);
        await _store.Delete(Uri("large"), Cancellation);
        await Task.Run(() => Assert.Throws<ObjectNotFoundException>(() => blocking.CopyTo(Stream.Null)), Cancellation);
        await blocking.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => blocking.ReadByte());
    }

    [Fact]
    public async Task KeysAreListedPageByPage()
    {
        using var store = new S3ObjectStore(_options) { KeysPerPage = 7 };
        var keys = Enumerable.Range(0, 40).Select(i => $"many/{i:D5} é").ToList();
        foreach (var key in keys.Append("other"))
            await Put(key, "");
        Assert.Equal(keys, await Listed(null).ToListAsync(Cancellation));
        Assert.Equal(keys[21..], await Listed(keys[20]).ToListAsync(Cancellation));
        Assert.Equal(keys[..3], await Listed(null).Take(3).ToListAsync(Cancellation));
        Assert.Equal(keys[..15], await Listed(null).Take(15).ToListAsync(Cancellation));

        IAsyncEnumerable<string> Listed(string? after) => store.List(Uri("").Bucket, "many/", after, Cancellation).Select(info => info.Uri.Key);
    }

    [Fact]
    public async Task AKeyThatTheServerDoesNotTakeIsTheCallersMistake()
    {
        await Put("key", "x");
        foreach (var key in AwkwardKeys.All.Where(key => !Takes(key)))
            await Assert.ThrowsAsync<InvalidInputException>(() => Put(key, "x"));
    }

    [Fact]
    public async Task ALinkReadsTheObjectWithoutAKeyUntilItExpires()
    {
        const string key = "dir/a b+ü%.csv";
        await Put(key, "linked");
        using var client = new HttpClient();
        var link = _store.PresignRead(Uri(key), TimeSpan.FromMinutes(1))!;
        Assert.Equal("linked", await client.GetStringAsync(link, Cancellation));
        Assert.DoesNotContain("test-secret", link.ToString(), StringComparison.Ordinal);

        using var unsigned = await client.GetAsync(new UriBuilder(link) { Query = "" }.Uri, Cancellation);
        Assert.Equal(403, (int)unsigned.StatusCode);
        using var longer = await client.GetAsync(link.ToString().Replace("X-Amz-Expires=", "X-Amz-Expires=9", StringComparison.Ordinal), Cancellation);
        Assert.Equal(403, (int)longer.StatusCode);
        using var writing = await client.PutAsync(link, new ByteArrayContent([]), Cancellation);
        Assert.Equal(403, (int)writing.StatusCode);

        var brief = _store.PresignRead(Uri(key), TimeSpan.FromSeconds(1))!;
        while ((await client.GetAsync(brief, Cancellation)).IsSuccessStatusCode)
            await Task.Delay(100, Cancellation);
        using var over = await client.GetAsync(brief, Cancellation);
        Assert.Equal(403, (int)over.StatusCode);
        Assert.Equal("linked", await client.GetStringAsync(link, Cancellation));
    }

    [Fact]
    public void LinksBearThePublicAddress()
    {
        using var store = new S3ObjectStore(_options.With(options => options.PublicEndpoint = "https://files.example.org"));
        var link = store.PresignRead(Uri("key"), TimeSpan.FromDays(7))!;
        Assert.Equal($"https://files.example.org/{Uri("key").Bucket}/key", link.GetLeftPart(UriPartial.Path));
        using var hosts = new S3ObjectStore(new S3Options { Region = "eu-central-1", AccessKey = "a", SecretKey = "b" });
        Assert.Equal($"{Uri("key").Bucket}.s3.eu-central-1.amazonaws.com", hosts.PresignRead(Uri("key"), TimeSpan.FromHours(1))!.Host);
    }

    [Theory]
    [InlineData("PUT", "/key HTTP", 1000)]
    [InlineData("PUT", "partNumber=2", 20 * Mebibyte)]
    [InlineData("POST", "uploadId=", 20 * Mebibyte)]
    public async Task AnUploadWhoseAnswerGetsLostIsThereOnceAndWhole(string method, string target, int size)
    {
        using var proxy = LosingProxy.ForHttp(_options.Endpoint!, line =>
            line.StartsWith($"{method} ", StringComparison.Ordinal) && line.Contains(target, StringComparison.Ordinal));
        using var store = new S3ObjectStore(_options.With(options => options.Endpoint = $"http://{proxy.Address}"));
        var bytes = RandomBytes(size, 3);
        var info = await store.Put(Uri("key"), new MemoryStream(bytes), cancellationToken: Cancellation);
        Assert.Equal(1, proxy.Lost);
        Assert.Equal(info, await _store.Head(Uri("key"), Cancellation));
        await using var stream = await _store.OpenRead(Uri("key"), cancellationToken: Cancellation);
        Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(stream, Cancellation));
        Assert.Empty(await _store.ListUploads(Uri("").Bucket, "", Cancellation).ToListAsync(Cancellation));
    }

    [Theory]
    [InlineData("nobody", null)]
    [InlineData(null, "wrong")]
    public async Task WrongKeysAreNamedAsWhatIsWrong(string? key, string? secret)
    {
        await Put("key", "x");
        using var store = new S3ObjectStore(_options.With(options =>
            (options.AccessKey, options.SecretKey) = (key ?? options.AccessKey, secret ?? options.SecretKey)));
        foreach (var call in new Func<Task>[]
        {
            () => store.Head(Uri("key"), Cancellation), () => store.OpenRead(Uri("key"), cancellationToken: Cancellation),
            () => store.Put(Uri("key"), new MemoryStream(), cancellationToken: Cancellation), () => store.BeginUpload(Uri("key"), Cancellation),
            async () => await store.ListBuckets(Cancellation).ToListAsync(Cancellation),
        })
        {
            var error = await Assert.ThrowsAsync<ProblemException>(call);
            Assert.Equal(ProblemKind.Unavailable, error.Kind);
            Assert.Contains("Storage:S3:AccessKey", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AMissingBucketIsNotMadeWhereThatIsSwitchedOff()
    {
        using var store = new S3ObjectStore(_options.With(options => options.CreateBuckets = false));
        foreach (var call in new Func<Task>[]
        {
            () => store.Put(Uri("key"), new MemoryStream(), cancellationToken: Cancellation), () => store.BeginUpload(Uri("key"), Cancellation),
        })
        {
            var error = await Assert.ThrowsAsync<ObjectNotFoundException>(call);
            Assert.Contains("CreateBuckets is off", error.Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Uri("").Bucket, await _store.ListBuckets(Cancellation).ToListAsync(Cancellation));
    }
}
