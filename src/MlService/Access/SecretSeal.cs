using System.Security.Cryptography;
using System.Text;
using MlService.Learning;
using MlService.Problems;

namespace MlService.Access;

/// <summary>
/// Seals secrets for the metadata store: AES-256-GCM (NIST SP 800-38D) under a key that is derived from the master key
/// (HKDF-SHA256, RFC 5869), with a random nonce. Signatures need the secret itself, so a hash would not do. Id, scopes and limits of
/// the key are authenticated along: who can write the database, but lacks the master key, can neither read a secret nor lend
/// his own key another's rights.
/// <para>Layout: format (1 byte), nonce (12), tag (16), ciphertext.</para>
/// </summary>
public sealed class SecretSeal : IDisposable
{
    /// <summary>Bytes of a master key.</summary>
    public const int MasterKeyBytes = 32;

    private const byte Format = 1;
    private const int HeaderBytes = 1 + NonceBytes + TagBytes;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const string Remedy = "Set Access:MasterKey (or Access:MasterKeyFile, a file that holds it) to 32 random bytes in base64: openssl rand -base64 32";

    // AesGcm is not safe for use by two threads at once, and requests come at once.
    private readonly Lock _turn = new();
    private readonly AesGcm? _cipher;

    /// <summary>A seal under a master key; without one it can seal nothing.</summary>
    public SecretSeal(byte[]? masterKey)
    {
        if (masterKey is null)
            return;
        ArgumentOutOfRangeException.ThrowIfNotEqual(masterKey.Length, MasterKeyBytes);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, MasterKeyBytes, info: "mlservice access secrets"u8.ToArray());
        _cipher = new AesGcm(key, TagBytes);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Whether there is a master key.</summary>
    public bool IsReady => _cipher is not null;

    /// <summary>The seal that the settings ask for.</summary>
    /// <exception cref="InvalidInputException">The master key is not one or cannot be read, or <c>Keys</c> mode lacks it.</exception>
    public static SecretSeal Of(AccessOptions options)
    {
        var text = options.MasterKey;
        if (!string.IsNullOrWhiteSpace(options.MasterKeyFile))
        {
            if (!string.IsNullOrWhiteSpace(text))
                throw new InvalidInputException("Access:MasterKey and Access:MasterKeyFile are both set. Keep one of them.");
            text = ReadFile(options.MasterKeyFile);
        }
        if (!string.IsNullOrWhiteSpace(text))
            return new SecretSeal(Decode(text.Trim()));
        return options.Mode == AccessMode.Local
            ? new SecretSeal(null)
            : throw new InvalidInputException($"Access:Mode is Keys, which needs a master key, and none is set. {Remedy}");
    }

    /// <summary>Seals the secret of something else than a key.</summary>
    /// <param name="purpose">What it is for; it opens for nothing else.</param>
    /// <param name="secret">The secret.</param>
    public byte[] Seal(string purpose, string secret) => Seal(Encoding.UTF8.GetBytes(purpose), secret);

    /// <summary>Opens what was sealed for a purpose.</summary>
    /// <exception cref="CryptographicException">It was sealed under another master key or for something else, or was tampered with.</exception>
    public string Open(string purpose, byte[] sealedSecret) => Open(Encoding.UTF8.GetBytes(purpose), sealedSecret, purpose);

    /// <summary>Seals the secret of a key, whose id, scopes and limits must be set.</summary>
    public byte[] Seal(AccessKey key, string secret) => Seal(Binding(key), secret);

    /// <summary>Opens the secret of a key.</summary>
    /// <exception cref="CryptographicException">It was sealed under another master key, or the row was tampered with.</exception>
    public string Open(AccessKey key) => Open(Binding(key), key.SealedSecret, $"key {key.Id}");

    /// <summary>Whether the secret of a key opens.</summary>
    public bool CanOpen(AccessKey key)
    {
        try
        {
            Open(key);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher?.Dispose();

    private byte[] Seal(byte[] binding, string secret)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var sealedSecret = new byte[HeaderBytes + plain.Length];
        sealedSecret[0] = Format;
        RandomNumberGenerator.Fill(Nonce(sealedSecret));
        lock (_turn)
            Cipher().Encrypt(Nonce(sealedSecret), plain, Content(sealedSecret), Tag(sealedSecret), binding);
        return sealedSecret;
    }

    private string Open(byte[] binding, byte[] sealedSecret, string what)
    {
        if (sealedSecret.Length <= HeaderBytes || sealedSecret[0] != Format)
            throw new CryptographicException($"The sealed secret of {what} is not of format {Format}.");
        var plain = new byte[sealedSecret.Length - HeaderBytes];
        lock (_turn)
            Cipher().Decrypt(Nonce(sealedSecret), Content(sealedSecret), Tag(sealedSecret), plain, binding);
        return Encoding.UTF8.GetString(plain);
    }

    private AesGcm Cipher() => _cipher ?? throw new ProblemException(ProblemKind.Conflict, $"Access keys need a master key, and none is set. {Remedy}");

    private static Span<byte> Nonce(byte[] sealedSecret) => sealedSecret.AsSpan(1, NonceBytes);

    private static Span<byte> Tag(byte[] sealedSecret) => sealedSecret.AsSpan(1 + NonceBytes, TagBytes);

    private static Span<byte> Content(byte[] sealedSecret) => sealedSecret.AsSpan(HeaderBytes);

    // Neither ids nor limits can hold a line feed, so no two keys have the same text.
    private static byte[] Binding(AccessKey key) => Encoding.UTF8.GetBytes($"{key.Id}\n{(int)key.Scopes}\n{key.Limits}");

    private static byte[] Decode(string text)
    {
        var bytes = new byte[MasterKeyBytes + 1];
        return Convert.TryFromBase64String(text, bytes, out var count) && count == MasterKeyBytes
            ? bytes[..MasterKeyBytes]
            : throw new InvalidInputException($"The master key is not {MasterKeyBytes} bytes in base64. {Remedy}");
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"Access:MasterKeyFile cannot be read: {exception.Message} {Remedy}", exception);
        }
    }
}
