namespace MlService.Learning.Onnx;

/// <summary>The words of <see cref="Features.TextTokenizer"/> as regular expressions of RE2, which ONNX Runtime's Tokenizer takes.</summary>
internal static class WordPattern
{
    private const string WhiteSpace =
        @"\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}";

    private const string Punctuation = @"\pP\x{21}-\x{2F}\x{3A}-\x{40}\x{5B}-\x{60}\x{7B}-\x{7E}";

    // Of runs, punctuation holds only the underscore.
    private const string Alphanumeric = @"\pL\p{Nd}\p{Nl}\p{Mn}\p{Mc}";

    /// <summary>The pattern.</summary>
    /// <param name="runs">Runs of letters, marks, digits and underscores; otherwise what stands between white space.</param>
    /// <param name="trimmed">Without punctuation at the ends.</param>
    public static string Of(bool runs, bool trimmed) => (runs, trimmed) switch
    {
        (false, false) => $"[^{WhiteSpace}]+",
        (false, true) => $"[^{WhiteSpace}{Punctuation}](?:[^{WhiteSpace}]*[^{WhiteSpace}{Punctuation}])?",
        (true, false) => $"[{Alphanumeric}_]+",
        (true, true) => $"[{Alphanumeric}](?:[{Alphanumeric}_]*[{Alphanumeric}])?",
    };
}
