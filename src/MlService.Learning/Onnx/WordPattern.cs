namespace MlService.Learning.Onnx;

/// <summary>The words of <see cref="Features.TextTokenizer"/> as regular expressions of RE2, which ONNX Runtime's Tokenizer takes.</summary>
internal static class WordPattern
{
    private const string WhiteSpace =
        @"\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}";

    private const string Punctuation = @"\pP\x{21}-\x{2F}\x{3A}-\x{40}\x{5B}-\x{60}\x{7B}-\x{7E}";

    /// <summary>What stands between white space.</summary>
    public const string Plain = $"[^{WhiteSpace}]+";

    /// <summary>The same without punctuation at its ends.</summary>
    public const string Trimmed = $"[^{WhiteSpace}{Punctuation}](?:[^{WhiteSpace}]*[^{WhiteSpace}{Punctuation}])?";
}
