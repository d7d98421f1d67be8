using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using MlService.Access;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.Tests.Access;

/// <summary>A metadata store with access keys and a clock that only the test moves; no service around it.</summary>
internal sealed class KeyStore : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly string _directory = Directory.CreateTempSubdirectory("keystore-").FullName;

    private KeyStore()
    {
        _services = new ServiceCollection().AddMetadata(new ConfigurationBuilder().Build(), DataDirectory.Beside(_directory)).BuildServiceProvider();
        Contexts = _services.GetRequiredService<IDbContextFactory<MetadataContext>>();
        Ring = new KeyRing(Contexts, Seal, Time, NullLogger<KeyRing>.Instance);
        Keys = new AccessKeys(Contexts, Seal, Ring, Time);
    }

    public ManualTime Time { get; } = new();

    public SecretSeal Seal { get; } = new(RandomNumberGenerator.GetBytes(SecretSeal.MasterKeyBytes));

    public IDbContextFactory<MetadataContext> Contexts { get; }

    public KeyRing Ring { get; }

    public AccessKeys Keys { get; }

    public static async Task<KeyStore> Create()
    {
        var store = new KeyStore();
        await store._services.MigrateMetadata(TestContext.Current.CancellationToken);
        return store;
    }

    /// <summary>A process of its own on the same store.</summary>
    public AccessKeys OtherProcess() => new(Contexts, Seal, new KeyRing(Contexts, Seal, Time, NullLogger<KeyRing>.Instance), Time);

    public async ValueTask DisposeAsync()
    {
        Seal.Dispose();
        await _services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.Ticks;

    public void Advance(TimeSpan time) => _now += time;
}
