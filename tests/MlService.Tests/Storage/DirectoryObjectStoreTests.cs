using System.Text;
using MlService.Learning;
using MlService.Storage;

namespace MlService.Tests.Storage;

/// <summary>The suite on a directory, and what people and crashes may do to that directory.</summary>
public sealed class DirectoryObjectStoreTests : ObjectStoreTests, IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("objects-").FullName;
    private readonly string _root;
    private IObjectStore _store;

    public DirectoryObjectStoreTests()
    {
        _root = Path.Combine(_parent, "objects");
        _store = Open();
    }

    protected override IObjectStore Store => _store;

    private DirectoryObjectStore Open(DiskSpace? space = null, bool? foldsCase = null) =>
        new(_root, space ?? new DiskSpace(0, () => long.MaxValue), foldsCase, new Durability(false));

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public async Task AnOrdinaryKeyIsItsOwnPath()
    {
        await Put("2026/Q1/banking data_v1.2 (final)=ü.csv", "x");
        Assert.Equal("x", File.ReadAllText(Path.Combine(_root, "bucket", "2026", "Q1", "banking data_v1.2 (final)=ü.csv")));
    }

    [Fact]
    public async Task AFileDroppedInIsAnObjectWhoseVersionFollowsItsContent()
    {
        var path = Path.Combine(_root, "bucket", "dir", "dropped.csv");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "one");
        var first = await Store.Head(Uri("dir/dropped.csv"), Cancellation);
        Assert.Equal("one", await Get("dir/dropped.csv", ifMatch: first!.ETag));
        Assert.Equal(["dir/dropped.csv"], await Keys());
        File.WriteAllText(path, "longer");
        await Assert.ThrowsAsync<ObjectChangedException>(() => Get("dir/dropped.csv", ifMatch: first.ETag));
    }

    [Fact]
    public async Task WhatIsFlushedToTheDiskIsTheSameObject()
    {
        _store = new DirectoryObjectStore(_root, 0);
        await Put("a", "plain");
        await Put("a/b/c", "below");
        Assert.Equal(["a", "a/b/c"], await Keys());
        Assert.Equal("plain", await Get("a"));
        Assert.True(await Store.Delete(Uri("a/b/c"), Cancellation));
    }

    [Fact]
    public async Task APartThatIsNotNamedIsLeftOut()
    {
        var upload = await Store.BeginUpload(Uri("whole"), Cancellation);
        await Store.UploadPart(upload, 1, new MemoryStream([1]), Cancellation);
        var second = await Store.UploadPart(upload, 2, new MemoryStream([2]), Cancellation);
        Assert.Equal(1, (await Store.CompleteUpload(upload, [second], Cancellation)).Size);
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.CompleteUpload(upload with { Id = "../" + upload.Id }, [second], Cancellation));
    }

    [Fact]
    public async Task AKeyMayConsistOfSlashes()
    {
        foreach (var key in new[] { new string('/', 1024), string.Concat(Enumerable.Repeat("d/", 512)) })
        {
            await Put(key, key);
            Assert.Equal(key, await Get(key));
            Assert.Equal([key], await Keys());
            Assert.True(await Store.Delete(Uri(key), Cancellation));
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_root, "bucket")));
    }

    [Fact]
    public async Task NothingIsWrittenOutsideOfTheBucket()
    {
        foreach (var key in AwkwardKeys.All)
            await Put(key, "x");
        Assert.Equal([_root], Directory.EnumerateFileSystemEntries(_parent));
        Assert.Equal([".temporary", ".uploads", "bucket"],
            Directory.EnumerateFileSystemEntries(_root).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_root, ".temporary")));
        Assert.Equal(AwkwardKeys.All.Length, Directory.EnumerateFiles(Path.Combine(_root, "bucket"), "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }).Count());
    }

    [Fact]
    public async Task SymbolicLinksAreNeverFollowed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making symbolic links needs a privilege on Windows.");
        var outside = Path.Combine(_parent, "outside");
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "secret"), "secret");
        await Put("real", "x");
        Directory.CreateSymbolicLink(Path.Combine(_root, "bucket", "dir"), outside);
        File.CreateSymbolicLink(Path.Combine(_root, "bucket", "file"), Path.Combine(outside, "secret"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "linked-bucket"), outside);
        Directory.CreateSymbolicLink(Path.Combine(_root, "bucket", "loop"), Path.Combine(_root, "bucket"));

        Assert.Equal(["real"], await Keys());
        Assert.Empty(await Keys("dir/"));
        Assert.Equal(["bucket"], await Store.ListBuckets(Cancellation).ToListAsync(Cancellation));
        foreach (var key in new[] { "dir/secret", "file", "loop/real" })
            await Assert.ThrowsAsync<ObjectNotFoundException>(() => Get(key));
        Assert.Null(await Store.Head(new ObjectUri("linked-bucket", "secret"), Cancellation));
        Assert.False(await Store.Delete(Uri("dir/secret"), Cancellation));
        await Assert.ThrowsAsync<InvalidInputException>(() => Put("dir/planted", "x"));
        await Assert.ThrowsAsync<InvalidInputException>(
            () => Store.Put(new ObjectUri("linked-bucket", "planted"), new MemoryStream(), cancellationToken: Cancellation));

        await Put("file", "takes the link's place");
        Assert.Equal("takes the link's place", await Get("file"));
        Assert.Equal("secret", File.ReadAllText(Path.Combine(outside, "secret")));
        Assert.Equal(["secret"], Directory.EnumerateFileSystemEntries(outside).Select(path => Path.GetFileName(path)));
    }

    [Fact]
    public async Task AFileWhoseNameNoKeyWouldGetIsNoObject()
    {
        await Put("real", "x");
        foreach (var name in new[] { "a%2", "%zz", "a%41", "a%2fb", "trailing.", "a:b", "%ff", "b%object%object" })
            File.WriteAllText(Path.Combine(_root, "bucket", name), "x");
        Directory.CreateDirectory(Path.Combine(_root, "bucket", "short%+"));
        File.WriteAllText(Path.Combine(_root, "bucket", "short%+", "rest"), "x");
        Assert.Equal(["real"], await Keys());
    }

    [Fact]
    public async Task AFileDroppedInWinsOverTheObjectThatStoodAside()
    {
        await Put("a/b", "below");
        await Put("a", "aside");
        await Store.Delete(Uri("a/b"), Cancellation);
        File.WriteAllText(Path.Combine(_root, "bucket", "a"), "dropped");
        Assert.Equal("dropped", await Get("a"));
        Assert.Equal(["a"], await Keys());
        await Put("a", "put");
        Assert.Equal("put", await Get("a"));
        Assert.True(await Store.Delete(Uri("a"), Cancellation));
        Assert.Null(await Store.Head(Uri("a"), Cancellation));
    }

    [Fact]
    public async Task AFileCutShortWhileItIsReadIsAnErrorAndNotAnEnd()
    {
        await Put("key", new string('x', 100_000));
        await using var stream = await Store.OpenRead(Uri("key"), cancellationToken: Cancellation);
        await stream.ReadExactlyAsync(new byte[1000], Cancellation);
        using (var file = new FileStream(
            Path.Combine(_root, "bucket", "key"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(5000);
        await Assert.ThrowsAsync<ObjectChangedException>(() => stream.CopyToAsync(Stream.Null, Cancellation));
    }

    [Fact]
    public async Task AFileRewrittenInPlaceWhileItIsReadIsAnError()
    {
        await Put("key", "0123456789");
        await using var stream = await Store.OpenRead(Uri("key"), cancellationToken: Cancellation);
        await stream.ReadExactlyAsync(new byte[5], Cancellation);
        File.WriteAllText(Path.Combine(_root, "bucket", "key"), "abcdefghij");
        await Assert.ThrowsAsync<ObjectChangedException>(() => stream.CopyToAsync(Stream.Null, Cancellation));
    }

    [Fact]
    public async Task WhatACrashLeftInTheMakingIsGoneAfterTheNextStartAndUploadsGoOn()
    {
        await Put("key", "old");
        var upload = await Store.BeginUpload(Uri("whole"), Cancellation);
        var part = await Store.UploadPart(upload, 1, new MemoryStream("part"u8.ToArray()), Cancellation);
        File.WriteAllText(Path.Combine(_root, ".temporary", "half-written"), "ne");
        var torn = Path.Combine(_root, ".uploads", Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(torn);
        File.WriteAllText(Path.Combine(torn, "upload.json"), """{"Bucket":"buck""");

        _store = Open();

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_root, ".temporary")));
        Assert.False(Directory.Exists(torn));
        Assert.Equal("old", await Get("key"));
        Assert.Equal([upload], await Store.ListUploads("bucket", "", Cancellation).ToListAsync(Cancellation));
        await Store.CompleteUpload(upload, [part], Cancellation);
        Assert.Equal("part", await Get("whole"));
    }

    [Fact]
    public async Task ADiskWithoutRoomRefusesBeforeAndWhileWriting()
    {
        var free = 1100L;
        _store = Open(new DiskSpace(1000, () => free));
        await Store.Put(Uri("fits"), new MemoryStream(new byte[100]), 100, Cancellation);
        var before = new MemoryStream(new byte[101]);
        var error = await Assert.ThrowsAsync<StorageFullException>(() => Store.Put(Uri("large"), before, 101, Cancellation));
        Assert.Equal(507, error.Kind.Status);
        Assert.Equal(0, before.Position);
        free = 0;
        await Assert.ThrowsAsync<StorageFullException>(
            () => Store.Put(Uri("unannounced"), new MemoryStream([1]), cancellationToken: Cancellation));
        Assert.Equal(["fits"], await Keys());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_root, ".temporary")));
    }

    [Fact]
    public async Task WhereTheFileSystemFoldsCaseNoTwoKeysShareAName()
    {
        _store = Open(foldsCase: true);
        foreach (var key in AwkwardKeys.All)
            await Put(key, key);
        var names = Directory.EnumerateFiles(Path.Combine(_root, "bucket"), "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }).ToList();
        Assert.Equal(names.Count, names.Select(name => name.ToUpperInvariant().Normalize(NormalizationForm.FormKC)).Distinct().Count());
        Assert.Equal(ByteOrder.Sort(AwkwardKeys.All), await Keys());
        foreach (var key in AwkwardKeys.All)
            Assert.Equal(key, await Get(key));
    }

    [Fact]
    public async Task APipeInTheDirectoryBlocksNobody()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes among its files.");
        await Put("real", "x");
        using (var make = System.Diagnostics.Process.Start("mkfifo", Path.Combine(_root, "bucket", "pipe")))
            await make.WaitForExitAsync(Cancellation);
        Assert.Equal("", await Get("pipe"));
    }
}
