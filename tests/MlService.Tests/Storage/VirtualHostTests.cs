using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MlService.Storage;

namespace MlService.Tests.Storage;

/// <summary>Buckets in the host name, on a real S3 server, which is called <c>localhost</c> and its buckets <c>bucket.localhost</c>.</summary>
public sealed class VirtualHostTests(S3Server server) : IAsyncLifetime
{
    private readonly string _bucket = $"hosted-{Guid.NewGuid():N}";
    private S3Options _options = null!;
    private S3ObjectStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var given = await server.Options();
        _options = given.With(options => (options.Endpoint, options.ForcePathStyle) = ($"http://localhost:{new Uri(given.Endpoint!).Port}", false));
        _store = new S3ObjectStore(_options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is null)
            return;
        await S3Cleaning.DropBuckets(_options, _store, name => name == _bucket);
        _store.Dispose();
    }

    [Fact]
    public async Task ObjectsAreWrittenListedAndReadAndLinksBearTheirBucketInTheHost()
    {
        var random = new Random(5);
        foreach (var (key, size) in ((string, int)[])[("dir/a b+ü%.csv", 1000), ("dir/large", 20 << 20)])
        {
            var bytes = new byte[size];
            random.NextBytes(bytes);
            var uri = new ObjectUri(_bucket, key);
            var info = await _store.Put(uri, new MemoryStream(bytes), cancellationToken: Cancellation);
            Assert.Equal([info], await _store.List(_bucket, key, null, Cancellation).ToListAsync(Cancellation));
            await using var stream = await _store.OpenRead(uri, cancellationToken: Cancellation);
            Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(stream, Cancellation));

            var link = _store.PresignRead(uri, TimeSpan.FromMinutes(1))!;
            Assert.Equal($"{_bucket}.localhost", link.Host);
            using var stranger = new HttpClient();
            Assert.Equal(bytes, await stranger.GetByteArrayAsync(link, Cancellation));
        }
        Assert.True(await _store.Delete(new ObjectUri(_bucket, "dir/large"), Cancellation));
        Assert.Contains(_bucket, await _store.ListBuckets(Cancellation).ToListAsync(Cancellation));
    }

    /// <summary>
    /// Names below <c>localhost</c> are this machine's (RFC 6761, section 6.3), which not every resolver knows. The gateway takes requests as a
    /// proxy gets them, so it stands for one.
    /// </summary>
    internal sealed class NamesBelowLocalhost(IWebProxy others) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => IsLocal(destination) ? new Uri($"http://127.0.0.1:{destination.Port}") : others.GetProxy(destination);

        public bool IsBypassed(Uri host) => !IsLocal(host) && others.IsBypassed(host);

        [ModuleInitializer]
        internal static void Install() => HttpClient.DefaultProxy = new NamesBelowLocalhost(HttpClient.DefaultProxy);

        private static bool IsLocal(Uri address) => address.Host.EndsWith(".localhost", StringComparison.Ordinal);
    }
}
