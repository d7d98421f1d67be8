using System.Text;
using CsCheck;
using MlService.Learning;
using MlService.Problems;
using MlService.Storage;

namespace MlService.Tests.Storage;

/// <summary>What every object store promises. Each store inherits the suite and says how to make one.</summary>
public abstract class ObjectStoreTests
{
    protected abstract IObjectStore Store { get; }

    /// <summary>A bucket's name here: a server that others use too gives each test names of its own, in the same order.</summary>
    protected virtual string Bucket(string name) => name;

    /// <summary>How many random buckets the listing is compared on; each is some hundred requests.</summary>
    protected virtual int ListingSamples => 60;

    /// <summary>Whether the store takes a key; each must have a reason for one that it does not.</summary>
    protected virtual bool Takes(string key) => true;

    private string[] TakenKeys => [.. AwkwardKeys.All.Where(Takes)];

    protected ObjectUri Uri(string key) => new(Bucket("bucket"), key);

    private async Task<List<string>> Buckets()
    {
        var prefix = Bucket("");
        return await Store.ListBuckets(Cancellation)
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]).ToListAsync(Cancellation);
    }

    protected Task<ObjectInfo> Put(string key, string text) =>
        Store.Put(Uri(key), new MemoryStream(Encoding.UTF8.GetBytes(text)), cancellationToken: Cancellation);

    protected async Task<string> Get(string key, long offset = 0, long? length = null, string? ifMatch = null)
    {
        await using var stream = await Store.OpenRead(Uri(key), offset, length, ifMatch, Cancellation);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Cancellation);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    protected async Task<List<string>> Keys(string prefix = "", string? startAfter = null) =>
        await Store.List(Bucket("bucket"), prefix, startAfter, Cancellation).Select(info => info.Uri.Key).ToListAsync(Cancellation);

    protected async Task<List<string>> UploadIds(string prefix) =>
        await Store.ListUploads(Bucket("bucket"), prefix, Cancellation).Select(upload => upload.Id).ToListAsync(Cancellation);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatIsPutIsRead()
    {
        var put = await Put("dir/data.csv", "a,b\n1,2\n");
        Assert.Equal("a,b\n1,2\n", await Get("dir/data.csv"));
        Assert.Equal(8, put.Size);
        Assert.Equal(put, await Store.Head(Uri("dir/data.csv"), Cancellation));
        Assert.Equal(put, await Store.List(Bucket("bucket"), "", null, Cancellation).SingleAsync(Cancellation));
    }

    [Fact]
    public async Task AnEmptyObjectIsAnObject()
    {
        await Put("empty", "");
        Assert.Equal("", await Get("empty"));
        Assert.Equal(0, (await Store.Head(Uri("empty"), Cancellation))!.Size);
    }

    [Fact]
    public async Task AMissingObjectIsNullOrAClearError()
    {
        Assert.Null(await Store.Head(Uri("none"), Cancellation));
        Assert.False(await Store.Delete(Uri("none"), Cancellation));
        var error = await Assert.ThrowsAsync<ObjectNotFoundException>(() => Get("none"));
        Assert.Contains($"{Uri("none")}", error.Message, StringComparison.Ordinal);
        var list = await Assert.ThrowsAsync<ObjectNotFoundException>(() => Keys());
        Assert.Contains($"no bucket '{Bucket("bucket")}'", list.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APutReplacesAndMakesANewVersionThoughTheSizeIsTheSame()
    {
        var versions = new HashSet<string>();
        for (var i = 0; i < 20; i++)
            Assert.True(versions.Add((await Put("key", $"version {i:D2}")).ETag));
        Assert.Equal("version 19", await Get("key"));
    }

    [Fact]
    public async Task ReadingAVersionThatIsGoneIsAnError()
    {
        var first = await Put("key", "first");
        Assert.Equal("first", await Get("key", ifMatch: first.ETag));
        await Put("key", "later");
        var error = await Assert.ThrowsAsync<ObjectChangedException>(() => Get("key", ifMatch: first.ETag));
        Assert.Equal(412, error.Kind.Status);
        Assert.Contains($"{Uri("key")}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AReaderKeepsTheVersionItOpened()
    {
        await Put("key", "first");
        await using var stream = await Store.OpenRead(Uri("key"), cancellationToken: Cancellation);
        await Put("key", "second, and longer");
        await Store.Delete(Uri("key"), Cancellation);
        using var reader = new StreamReader(stream);
        Assert.Equal("first", await reader.ReadToEndAsync(Cancellation));
    }

    [Theory]
    [InlineData(0, null, "0123456789")]
    [InlineData(3, null, "3456789")]
    [InlineData(3, 4L, "3456")]
    [InlineData(9, 1L, "9")]
    [InlineData(9, 100L, "9")]
    [InlineData(0, long.MaxValue, "0123456789")]
    [InlineData(5, 0L, "")]
    public async Task ARangeIsTheBytesAskedFor(long offset, long? length, string expected)
    {
        await Put("digits", "0123456789");
        Assert.Equal(expected, await Get("digits", offset, length));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(long.MaxValue)]
    public async Task ARangeBehindTheEndIsAnError(long offset)
    {
        await Put("digits", "0123456789");
        var error = await Assert.ThrowsAsync<ObjectRangeException>(() => Get("digits", offset));
        Assert.Equal(10, error.Size);
        Assert.Equal(416, error.Kind.Status);
    }

    [Fact]
    public async Task ADeletedObjectIsGoneAndItsBucketStays()
    {
        await Put("a/b/c", "x");
        Assert.True(await Store.Delete(Uri("a/b/c"), Cancellation));
        Assert.False(await Store.Delete(Uri("a/b/c"), Cancellation));
        Assert.Empty(await Keys());
        Assert.Equal(["bucket"], await Buckets());
    }

    [Fact]
    public async Task BucketsAreListedInOrder()
    {
        foreach (var bucket in new[] { "zebra", "alpha", "a-b", "a.b" })
            await Store.Put(new ObjectUri(Bucket(bucket), "k"), new MemoryStream(), cancellationToken: Cancellation);
        Assert.Equal(["a-b", "a.b", "alpha", "zebra"], await Buckets());
    }

    [Fact]
    public async Task AFailingUploadLeavesWhatWasThere()
    {
        await Put("key", "old");
        await Assert.ThrowsAsync<IOException>(() => Store.Put(Uri("key"), new TornStream(700_000), cancellationToken: Cancellation));
        await Assert.ThrowsAsync<IOException>(() => Store.Put(Uri("new"), new TornStream(700_000), cancellationToken: Cancellation));
        Assert.Equal("old", await Get("key"));
        Assert.Equal(["key"], await Keys());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task ContentOfAnotherLengthThanAnnouncedIsRefused(long length)
    {
        await Assert.ThrowsAsync<InvalidInputException>(
            () => Store.Put(Uri("key"), new MemoryStream([1, 2, 3]), length, Cancellation));
        Assert.Null(await Store.Head(Uri("key"), Cancellation));
    }

    [Fact]
    public async Task ReadersSeeTheOldOrTheNewAndNeverAMixture()
    {
        // Objects of one repeated letter, larger than a copy buffer: a torn one would hold two letters or have an odd size.
        static MemoryStream Content(int i) => new(Enumerable.Repeat((byte)('a' + (i % 26)), 300_000 + (i % 26)).ToArray());
        await Store.Put(Uri("key"), Content(0), cancellationToken: Cancellation);
        var writing = Task.Run(async () =>
        {
            for (var i = 1; i < 40; i++)
                await Store.Put(Uri("key"), Content(i), cancellationToken: Cancellation);
        }, Cancellation);
        var reads = 0;
        while (!writing.IsCompleted || reads == 0)
        {
            string text;
            try
            {
                text = await Get("key");
            }
            catch (ObjectChangedException)
            {
                continue; // replaced in the midst of it: that is said, too
            }
            catch (ProblemException problem) when (problem.Kind == ProblemKind.Unavailable)
            {
                continue; // a server that stumbles over the writer says so, too
            }

            Assert.Equal(text.Length, text.LastIndexOf(text[0]) + 1);
            Assert.Equal(300_000 + (text[0] - 'a'), text.Length);
            Assert.True(text.AsSpan().IndexOfAnyExcept(text[0]) < 0);
            reads++;
        }
        await writing;
    }

    [Fact]
    public async Task AnyKeyWorksAsItStands()
    {
        foreach (var key in TakenKeys)
            await Put(key, "content of " + key);
        foreach (var key in TakenKeys)
            Assert.Equal("content of " + key, await Get(key));
        Assert.Equal(ByteOrder.Sort(TakenKeys), await Keys());
        foreach (var key in TakenKeys)
            Assert.True(await Store.Delete(Uri(key), Cancellation), key);
        Assert.Empty(await Keys());
    }

    [Fact]
    public async Task AnObjectAndObjectsBelowItLiveSideBySideInAnyOrderOfWriting()
    {
        string[] keys = ["a", "a/", "a//", "a/b", "a/b/c", "a/b/c/d"];
        foreach (var order in new[] { keys, keys.Reverse().ToArray(), ["a/b", "a", "a/b/c/d", "a//", "a/b/c", "a/"] })
        {
            foreach (var key in order)
                await Put(key, key);
            foreach (var key in keys)
                Assert.Equal(key, await Get(key));
            Assert.Equal(keys, await Keys());
            Assert.True(await Store.Delete(Uri("a/b"), Cancellation));
            await Put("a", "again");
            Assert.Equal("again", await Get("a"));
            Assert.Equal("a/b/c", await Get("a/b/c"));
            foreach (var key in keys.Where(key => key != "a/b"))
                Assert.True(await Store.Delete(Uri(key), Cancellation));
            Assert.Empty(await Keys());
        }
    }

    [Fact]
    public async Task AKeyThatIsEmptyOrNoUnicodeIsRefused()
    {
        foreach (var key in new[] { "", "\ud800", "half \udc00 pair" })
        {
            await Assert.ThrowsAsync<InvalidInputException>(() => Put(key, "x"));
            await Assert.ThrowsAsync<InvalidInputException>(() => Get(key));
        }
    }

    [Fact]
    public async Task AKeyHasUpTo1024BytesOfUtf8()
    {
        var longest = string.Concat(Enumerable.Repeat("é", 512));
        await Put(longest, "x");
        Assert.Equal([longest], await Keys());
        await Assert.ThrowsAsync<InvalidInputException>(() => Put(longest + "x", "x"));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".uploads")]
    [InlineData("UPPER")]
    [InlineData("ab")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("abc\n")]
    [InlineData("127.0.0.1")]
    [InlineData("a..b")]
    public async Task ABucketThatIsNoneIsRefused(string bucket)
    {
        await Assert.ThrowsAsync<InvalidInputException>(
            () => Store.Put(new ObjectUri(bucket, "key"), new MemoryStream(), cancellationToken: Cancellation));
        await Assert.ThrowsAsync<InvalidInputException>(
            async () => await Store.List(bucket, "", null, Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task ListingIsTheSortedKeysWithThePrefixBehindTheCursor()
    {
        // Few letters, among them both neighbours of '/', so that prefixes, conflicts and order traps meet often.
        var key = Gen.Char["ab-./0%A é\uffee"].Array[1, 7].Select(letters => new string(letters));
        var keys = key.Array[0, 25].Select(some => some.Distinct().Where(Takes).ToArray());
        await Gen.Select(keys, key, key).SampleAsync(async (all, prefix, cursor) =>
        {
            await Put("sentinel", ""); // makes the bucket
            foreach (var each in all)
                await Put(each, each);
            foreach (var (wanted, after) in new[] { ("", (string?)null), (prefix, null), ("", cursor), (prefix[..1], cursor) })
            {
                var expected = ByteOrder.Sort(all.Append("sentinel")
                    .Where(each => each.StartsWith(wanted, StringComparison.Ordinal))
                    .Where(each => after is null || ByteOrder.Compare(each, after) > 0));
                Assert.Equal(expected, await Keys(wanted, after));
            }
            foreach (var each in all)
                Assert.True(await Store.Delete(Uri(each), Cancellation));
            Assert.Equal(["sentinel"], await Keys());
        }, iter: ListingSamples, threads: 1);
    }

    [Fact]
    public async Task PartsMakeTheObjectInTheOrderOfTheirNumbers()
    {
        var upload = await Store.BeginUpload(Uri("whole"), Cancellation);
        var last = await Store.UploadPart(upload, 10_000, new MemoryStream("end"u8.ToArray()), Cancellation);
        var replaced = await Store.UploadPart(upload, 3, new MemoryStream(new byte[100]), Cancellation);
        var bytes = new byte[MultipartUpload.MinPartBytes];
        new Random(1).NextBytes(bytes);
        var first = await Store.UploadPart(upload, 3, new MemoryStream(bytes), Cancellation);
        Assert.Null(await Store.Head(Uri("whole"), Cancellation));

        var conflict = await Assert.ThrowsAsync<ProblemException>(() => Store.CompleteUpload(upload, [replaced, last], Cancellation));
        Assert.Equal(ProblemKind.Conflict, conflict.Kind);
        var info = await Store.CompleteUpload(upload, [first, last], Cancellation);

        Assert.Equal(bytes.Length + 3, info.Size);
        using var read = new MemoryStream();
        await using (var stream = await Store.OpenRead(Uri("whole"), cancellationToken: Cancellation))
            await stream.CopyToAsync(read, Cancellation);
        Assert.Equal([.. bytes, .. "end"u8], read.ToArray());
        Assert.Empty(await UploadIds(""));

        // Some servers remember; the others say that there is no such upload.
        Assert.True(await Record.ExceptionAsync(() => Store.CompleteUpload(upload, [first, last], Cancellation)) is null or ObjectNotFoundException);
        Assert.Equal(info, await Store.Head(Uri("whole"), Cancellation));
    }

    [Fact]
    public async Task PartsThatBreakTheRulesAreRefusedAndTheUploadGoesOn()
    {
        var upload = await Store.BeginUpload(Uri("whole"), Cancellation);
        var small = await Store.UploadPart(upload, 1, new MemoryStream([1]), Cancellation);
        var other = await Store.UploadPart(upload, 2, new MemoryStream([2]), Cancellation);
        await Assert.ThrowsAsync<InvalidInputException>(() => Store.UploadPart(upload, 0, new MemoryStream(), Cancellation));
        await Assert.ThrowsAsync<InvalidInputException>(() => Store.UploadPart(upload, 10_001, new MemoryStream(), Cancellation));
        await Assert.ThrowsAsync<InvalidInputException>(() => Store.CompleteUpload(upload, [], Cancellation));
        await Assert.ThrowsAsync<InvalidInputException>(() => Store.CompleteUpload(upload, [other, small], Cancellation));
        await Assert.ThrowsAsync<InvalidInputException>(() => Store.CompleteUpload(upload, [small, small], Cancellation));
        var tooSmall = await Assert.ThrowsAsync<InvalidInputException>(() => Store.CompleteUpload(upload, [small, other], Cancellation));
        Assert.Contains("5242880", tooSmall.Message, StringComparison.Ordinal);
        var missing = small with { Number = 3 };
        Assert.Equal(ProblemKind.Conflict,
            (await Assert.ThrowsAsync<ProblemException>(() => Store.CompleteUpload(upload, [missing], Cancellation))).Kind);
        var large = await Store.UploadPart(upload, 1, new MemoryStream(new byte[MultipartUpload.MinPartBytes]), Cancellation);
        Assert.Equal(MultipartUpload.MinPartBytes + 1, (await Store.CompleteUpload(upload, [large, other], Cancellation)).Size);
    }

    [Fact]
    public async Task UploadsAreListedByKeyAndAbortingLeavesNothing()
    {
        await Put("run/part", "published before");
        var second = await Store.BeginUpload(Uri("run/b"), Cancellation);
        var first = await Store.BeginUpload(Uri("run/a"), Cancellation);
        await Store.BeginUpload(Uri("other"), Cancellation);
        await Store.BeginUpload(new ObjectUri(Bucket("elsewhere"), "run/a"), Cancellation);
        await Store.UploadPart(first, 1, new MemoryStream([1]), Cancellation);
        Assert.Equal([first.Id, second.Id], await UploadIds("run/"));

        await Store.AbortUpload(first, Cancellation);
        await Store.AbortUpload(first, Cancellation);
        Assert.Equal([second.Id], await UploadIds("run/"));
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.UploadPart(first, 1, new MemoryStream(), Cancellation));
        Assert.Equal(["run/part"], await Keys());
    }

    [Fact]
    public async Task AnUploadIdCannotNameAnythingElse()
    {
        var upload = await Store.BeginUpload(Uri("whole"), Cancellation);
        var part = await Store.UploadPart(upload, 1, new MemoryStream([1]), Cancellation);
        foreach (var forged in new[] { upload with { Id = "../" + upload.Id }, upload with { Id = "" }, upload with { Target = Uri("x") } })
            await Assert.ThrowsAnyAsync<ProblemException>(() => Store.CompleteUpload(forged, [part], Cancellation));
        await Store.AbortUpload(upload with { Id = ".." }, Cancellation);
        await Store.CompleteUpload(upload, [part], Cancellation);
    }
}
