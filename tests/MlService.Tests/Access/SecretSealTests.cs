using System.Security.Cryptography;
using CsCheck;
using MlService.Access;
using MlService.Learning;

namespace MlService.Tests.Access;

public sealed class SecretSealTests
{
    private static readonly byte[] Master = RandomNumberGenerator.GetBytes(SecretSeal.MasterKeyBytes);

    [Fact]
    public void WhatIsSealedOpensAgainAndLooksDifferentEachTime()
    {
        using var seal = new SecretSeal(Master);
        var (first, second) = (Sealed(seal), Sealed(seal));
        Assert.Equal("secret", seal.Open(first));
        Assert.Equal("secret", seal.Open(second));
        Assert.NotEqual(first.SealedSecret, second.SealedSecret);
    }

    [Fact]
    public void NoBitOfASealedSecretCanBeChanged()
    {
        using var seal = new SecretSeal(Master);
        var length = Sealed(seal).SealedSecret.Length;
        Gen.Int[0, (length * 8) - 1].Sample(bit =>
        {
            var key = Sealed(seal);
            key.SealedSecret[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.ThrowsAny<CryptographicException>(() => seal.Open(key));
        }, iter: 300);
    }

    [Fact]
    public void ASecretBelongsToItsIdScopesLimitsAndMasterKey()
    {
        using var seal = new SecretSeal(Master);
        foreach (var change in new Action<AccessKey>[]
        {
            key => key.Id = "other-id", key => key.Scopes = AccessScopes.Admin, key => key.Limits = "", key => key.Limits += "\nmodels/b",
            key => key.SealedSecret = [], key => key.SealedSecret = key.SealedSecret[..^1],
        })
        {
            var key = Sealed(seal);
            change(key);
            Assert.ThrowsAny<CryptographicException>(() => seal.Open(key));
        }
        using var other = new SecretSeal(RandomNumberGenerator.GetBytes(SecretSeal.MasterKeyBytes));
        Assert.ThrowsAny<CryptographicException>(() => other.Open(Sealed(seal)));
    }

    [Theory]
    [InlineData(null, "needs a master key")]
    [InlineData(" ", "needs a master key")]
    [InlineData("short", "32 bytes in base64")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "32 bytes in base64")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "32 bytes in base64")]
    public void KeysModeDoesNotGoWithoutAProperMasterKey(string? masterKey, string reason)
    {
        var error = Assert.Throws<InvalidInputException>(() => SecretSeal.Of(new AccessOptions { Mode = AccessMode.Keys, MasterKey = masterKey }));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("openssl rand -base64 32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheMasterKeyMayLieInAFile()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, Convert.ToBase64String(Master) + "\n");
        using var seal = SecretSeal.Of(new AccessOptions { Mode = AccessMode.Keys, MasterKeyFile = file });
        using var same = new SecretSeal(Master);
        Assert.Equal("secret", same.Open(Sealed(seal)));
        Assert.Throws<InvalidInputException>(() => SecretSeal.Of(new AccessOptions { MasterKey = "x", MasterKeyFile = file }));
        File.Delete(file);
        Assert.Throws<InvalidInputException>(() => SecretSeal.Of(new AccessOptions { Mode = AccessMode.Keys, MasterKeyFile = file }));
    }

    private static AccessKey Sealed(SecretSeal seal)
    {
        var key = new AccessKey { Id = "some-key", CreatedBy = "test", SealedSecret = [], Scopes = AccessScopes.Read, Limits = "models/a" };
        key.SealedSecret = seal.Seal(key, "secret");
        return key;
    }
}
