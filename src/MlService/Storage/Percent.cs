using System.Globalization;
using System.Text;

namespace MlService.Storage;

/// <summary>Strict percent-decoding (RFC 3986, section 2.1): every % begins an octet, and the octets are UTF-8.</summary>
internal static class Percent
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>False if a % is not followed by two hexadecimal digits, or the result is not UTF-8.</summary>
    public static bool TryDecode(string text, out string decoded)
    {
        decoded = text;
        if (!text.Contains('%', StringComparison.Ordinal))
            return true;
        try
        {
            var source = StrictUtf8.GetBytes(text);
            var length = 0;
            for (var i = 0; i < source.Length; i++)
            {
                if (source[i] != '%')
                {
                    source[length++] = source[i];
                    continue;
                }
                if (i + 2 >= source.Length || !byte.TryParse(
                    source.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
                    return false;
                source[length++] = octet;
                i += 2;
            }
            decoded = StrictUtf8.GetString(source, 0, length);
            return true;
        }
        catch (ArgumentException) // encoder and decoder fallback: not Unicode
        {
            return false;
        }
    }
}
