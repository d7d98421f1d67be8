using System.Reflection;
using System.Security.Cryptography;
using MlService.Access;

namespace MlService.Tests.Access;

public sealed class KeyRingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AKeyThatAnotherProcessRevokesIsRefusedWithinASecond()
    {
        await using var store = await KeyStore.Create();
        var (key, _) = await store.Keys.Create(null, AccessScopes.Read, ResourceLimits.None, "test", Cancellation);
        Assert.NotNull(await store.Ring.Find(key.Id, Cancellation));
        await store.OtherProcess().Revoke(key.Id, Cancellation);
        store.Time.Advance(TimeSpan.FromSeconds(0.999));
        Assert.Null(await store.Ring.Find(key.Id, Cancellation));
    }

    [Fact]
    public async Task AUseIsNotedAtMostOnceAMinute()
    {
        await using var store = await KeyStore.Create();
        var (key, _) = await store.Keys.Create(null, AccessScopes.Read, ResourceLimits.None, "test", Cancellation);
        var start = store.Time.GetUtcNow().UtcDateTime;
        Assert.Null((await store.Keys.Get(key.Id, Cancellation)).LastUsedAt);
        foreach (var (seconds, noted) in new[] { (0, 0), (10, 0), (59, 0), (61, 61), (100, 61), (122, 122) })
        {
            store.Time.Advance(start.AddSeconds(seconds) - store.Time.GetUtcNow().UtcDateTime);
            await store.Ring.NoteUse((await store.Ring.Find(key.Id, Cancellation))!, Cancellation);
            Assert.Equal(start.AddSeconds(noted), (await store.Keys.Get(key.Id, Cancellation)).LastUsedAt);
        }
    }

    [Fact]
    public async Task ASecretIsComparedWholeAndOnlyInTheLibrarysConstantTime()
    {
        await using var store = await KeyStore.Create();
        var (key, secret) = await store.Keys.Create(null, AccessScopes.Read, ResourceLimits.None, "test", Cancellation);
        var credential = (await store.Ring.Find(key.Id, Cancellation))!;
        Assert.Equal(secret, credential.Secret);
        Assert.True(credential.Matches(secret));
        Assert.False(credential.Matches(secret[..^1]));
        Assert.False(credential.Matches(secret + "x"));
        Assert.False(credential.Matches(""));
        // What no measurement on a shared machine can show, the compiled method does: the one comparison that it makes.
        Assert.Equal([nameof(CryptographicOperations.FixedTimeEquals)], CalledBy(typeof(Credential).GetMethod(nameof(Credential.Matches))!)
            .Where(method => method.ReturnType == typeof(bool)).Select(method => method.Name));
    }

    /// <summary>The methods that a method calls: operands of the instructions call (0x28) and callvirt (0x6F).</summary>
    private static IEnumerable<MethodInfo> CalledBy(MethodInfo method)
    {
        var code = method.GetMethodBody()!.GetILAsByteArray()!;
        for (var i = 0; i + 4 < code.Length; i++)
        {
            if (code[i] is 0x28 or 0x6F && Resolve(BitConverter.ToInt32(code, i + 1)) is MethodInfo called)
                yield return called;
        }

        MethodBase? Resolve(int token)
        {
            try
            {
                return method.Module.ResolveMethod(token);
            }
            catch (ArgumentException)
            {
                return null; // the byte was an operand, not an instruction
            }
        }
    }
}
