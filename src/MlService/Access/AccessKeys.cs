using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using MlService.Learning;
using MlService.Metadata;
using MlService.Problems;

namespace MlService.Access;

/// <summary>What can be done with access keys, by REST and by command.</summary>
public sealed class AccessKeys(IDbContextFactory<MetadataContext> contexts, SecretSeal seal, KeyRing ring, TimeProvider time)
{
    /// <summary>Largest page of a list, and the default.</summary>
    public const int MaxLimit = 100;

    private const int SecretLength = 40;
    private const string IdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string SecretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Makes a key.</summary>
    /// <param name="name">What it is for.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="limits">What it is limited to.</param>
    /// <param name="by">Who makes it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The key, and its secret, which cannot be had again.</returns>
    /// <exception cref="ProblemException">A value cannot be used, or there is no master key, or another one than before.</exception>
    public async Task<(AccessKey Key, string Secret)> Create(
        string? name, AccessScopes scopes, ResourceLimits limits, string by, CancellationToken cancellation)
    {
        if (scopes == AccessScopes.None)
            throw ResourceProblems.Invalid("scopes", $"scopes is empty. Name at least one of {string.Join(", ", AccessScopeNames.All)}.");
        if (name?.Length > AccessKey.MaxNameLength)
            throw ResourceProblems.Invalid("name", $"name has {name.Length} characters; at most {AccessKey.MaxNameLength} are allowed.");
        // As long as Amazon's, 20 and 40 characters: clients made for those may check.
        var id = "MLK" + RandomNumberGenerator.GetString(IdAlphabet, 17);
        var secret = RandomNumberGenerator.GetString(SecretAlphabet, SecretLength);
        var key = await Add(id, secret, name, scopes, limits, by, cancellation);
        return (key, secret);
    }

    /// <summary>Makes the key that the configuration names, unless there is one of that id already, revoked or not.</summary>
    /// <returns>Whether it was made now.</returns>
    /// <exception cref="InvalidInputException">Id or secret cannot be used.</exception>
    public async Task<bool> AddFirst(FirstKeyOptions first, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(first.Id) && string.IsNullOrWhiteSpace(first.Secret))
            return false;
        if (first.Id is not { Length: >= 8 and <= AccessKey.MaxIdLength } id || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            throw new InvalidInputException($"Access:FirstKey:Id is not 8 to {AccessKey.MaxIdLength} characters of a-z, A-Z, 0-9, '_' and '-'.");
        if (first.Secret is not { Length: >= 20 and <= 128 } secret || !secret.All(c => c is > ' ' and <= '~'))
            throw new InvalidInputException("Access:FirstKey:Secret is not 20 to 128 visible ASCII characters. Make one: openssl rand -hex 20");
        if (await Exists(id, cancellation))
            return false;
        try
        {
            await Add(id, secret, "First key", AccessScopes.Admin, ResourceLimits.None, "configuration", cancellation);
            return true;
        }
        catch (DbUpdateException) when (!cancellation.IsCancellationRequested)
        {
            // Another process of the cluster started at the same moment.
            if (!await Exists(id, cancellation))
                throw;
            return false;
        }
    }

    /// <summary>Reads one key, revoked or not.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public async Task<AccessKey> Get(string id, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.AccessKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == id, cancellation)
            ?? throw new ProblemException(ProblemKind.NotFound, $"No access key with id {id.Shorten()} exists.", "id");
    }

    /// <summary>Lists keys, newest first, revoked ones too.</summary>
    /// <param name="limit">Size of the page.</param>
    /// <param name="cursor">Id of the last key of the page before; null for the first page.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ProblemException">The limit is out of range, or the cursor is none.</exception>
    public async Task<ResourcePage<AccessKey>> List(int limit, string? cursor, CancellationToken cancellation)
    {
        if (limit is < 1 or > MaxLimit)
            throw ResourceProblems.Invalid("limit", $"limit {limit} is out of range: a page has 1 to {MaxLimit} items.");
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var keys = context.AccessKeys.AsNoTracking();
        if (cursor is not null)
        {
            var last = await keys.SingleOrDefaultAsync(key => key.Id == cursor, cancellation)
                ?? throw ResourceProblems.Invalid("cursor", "cursor is not one that this list has given out. Pass nextCursor of the page before.");
            keys = keys.Where(key => key.CreatedAt < last.CreatedAt || (key.CreatedAt == last.CreatedAt && key.Id.CompareTo(last.Id) < 0));
        }
        var items = await keys.OrderByDescending(key => key.CreatedAt).ThenByDescending(key => key.Id).Take(limit + 1).ToListAsync(cancellation);
        if (items.Count <= limit)
            return new ResourcePage<AccessKey>(items, null);
        items.RemoveAt(limit);
        return new ResourcePage<AccessKey>(items, items[^1].Id);
    }

    /// <summary>Revokes a key for good. Revoking twice is no error.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public async Task<AccessKey> Revoke(string id, CancellationToken cancellation)
    {
        var now = Now();
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await context.AccessKeys.Where(key => key.Id == id && key.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(key => key.RevokedAt, now), cancellation);
        ring.Forget(id);
        return await Get(id, cancellation);
    }

    /// <summary>Refuses a master key under which none of the good keys was sealed. One that does not open may have been tampered with.</summary>
    /// <exception cref="InvalidInputException">It is such a one.</exception>
    public async Task VerifyMasterKey(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var newest = await context.AccessKeys.AsNoTracking().Where(key => key.RevokedAt == null)
            .OrderByDescending(key => key.CreatedAt).ThenByDescending(key => key.Id).Take(MaxLimit).ToListAsync(cancellation);
        if (newest.Count > 0 && !newest.Exists(seal.CanOpen))
            throw new InvalidInputException(
                $"The master key is not the one that the access keys ({newest[0].Id} and others) were sealed with. Set the master key from before; "
                + "if it is lost, revoke the old keys (keys list, keys revoke ID) and create new ones.");
    }

    /// <summary>Whether any key may make others.</summary>
    public async Task<bool> HasAdmin(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.AccessKeys.AnyAsync(
            key => key.RevokedAt == null && key.Limits == "" && (key.Scopes & AccessScopes.Admin) != 0, cancellation);
    }

    private async Task<AccessKey> Add(
        string id, string secret, string? name, AccessScopes scopes, ResourceLimits limits, string by, CancellationToken cancellation)
    {
        if (seal.IsReady)
            await VerifyMasterKey(cancellation);
        var key = new AccessKey
        {
            Id = id,
            Name = name,
            Scopes = scopes,
            Limits = limits.ToText(),
            CreatedAt = Now(),
            CreatedBy = by,
            SealedSecret = [],
        };
        key.SealedSecret = seal.Seal(key, secret);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        context.Add(key);
        await context.SaveNew(cancellation);
        return key;
    }

    private async Task<bool> Exists(string id, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.AccessKeys.AnyAsync(key => key.Id == id, cancellation);
    }

    // As exactly as every database can keep it.
    private DateTime Now()
    {
        var now = time.GetUtcNow().UtcDateTime;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
