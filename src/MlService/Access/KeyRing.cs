using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using MlService.Metadata;
using MlService.Problems;

namespace MlService.Access;

/// <summary>
/// The keys that are in use, at hand with their secrets. What it knows is at most half a second old, so a key that is revoked
/// anywhere, by another process too, is refused within a second.
/// </summary>
public sealed partial class KeyRing(
    IDbContextFactory<MetadataContext> contexts, SecretSeal seal, TimeProvider time, ILogger<KeyRing> logger)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (Credential Credential, long ReadAt)> _known = new(StringComparer.Ordinal);

    /// <summary>Finds a key that is good.</summary>
    /// <returns>Null if there is none of this id, it was revoked, or its secret cannot be opened.</returns>
    public async ValueTask<Credential?> Find(string id, CancellationToken cancellation)
    {
        if (_known.TryGetValue(id, out var known) && time.GetElapsedTime(known.ReadAt) < Freshness)
            return known.Credential;
        var readAt = time.GetTimestamp();
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var row = await context.AccessKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == id && key.RevokedAt == null, cancellation);
        if (row is null || Open(row) is not { } credential)
        {
            _known.TryRemove(id, out _);
            return null;
        }
        _known[id] = (credential, readAt);
        return credential;
    }

    /// <summary>Notes that a key was used: in its row, at most once a minute.</summary>
    public async ValueTask NoteUse(Credential credential, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (!credential.IsUseToBeNoted(now - UseInterval))
            return;
        var (id, before) = (credential.Caller.KeyId, now - UseInterval);
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            await context.AccessKeys.Where(key => key.Id == id && (key.LastUsedAt == null || key.LastUsedAt < before))
                .ExecuteUpdateAsync(set => set.SetProperty(key => key.LastUsedAt, now), cancellation);
        }
        catch (Exception exception) when (exception is DbException || MetadataOutage.Is(exception))
        {
            // That a use is not noted is no reason to refuse it.
            LogUseNotNoted(logger, exception, id!);
        }
    }

    /// <summary>Forgets a key that was just revoked by this process.</summary>
    public void Forget(string id) => _known.TryRemove(id, out _);

    private Credential? Open(AccessKey row)
    {
        try
        {
            return new Credential(new Caller(row.Id, row.Scopes, ResourceLimits.FromText(row.Limits)), seal.Open(row), row.LastUsedAt);
        }
        catch (CryptographicException exception)
        {
            LogSealBroken(logger, exception, row.Id);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Access key {Id} cannot be used: its row was changed by someone without the master key, or sealed under another one")]
    private static partial void LogSealBroken(ILogger logger, Exception exception, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The use of access key {Id} could not be noted")]
    private static partial void LogUseNotNoted(ILogger logger, Exception exception, string id);
}

/// <summary>A key that is good, with what proves that a caller has it.</summary>
public sealed class Credential(Caller caller, string secret, DateTime? lastUsedAt)
{
    private readonly byte[] _digest = Digest(secret);
    private int _isNoted;

    /// <summary>Who has the key.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>The secret, from which signatures are computed.</summary>
    public string Secret { get; } = secret;

    /// <summary>
    /// Whether a caller knows the secret. Digests are compared, in a time that depends on neither, so that answers do not tell how
    /// much of a guess was right, nor how long the secret is.
    /// </summary>
    public bool Matches(string presented) => CryptographicOperations.FixedTimeEquals(Digest(presented), _digest);

    /// <summary>Answers yes once, and only if the key was not used since <paramref name="before"/>.</summary>
    internal bool IsUseToBeNoted(DateTime before) =>
        !(lastUsedAt > before) && Interlocked.Exchange(ref _isNoted, 1) == 0;

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
