using CsCheck;

namespace MlService.Learning.Tests.Features;

/// <summary>The text transformations: the examples of Amazon's reference, and naive versions on strings.</summary>
public class TextFeatureTests
{
    // Words with and without punctuation, in several scripts, shorter and longer than what is looked at as one, and what may separate them.
    private static readonly string[] Fragments =
    [
        new('v', 63), new('w', 130), "nineteen-characters", new(' ', 64),
        "big", "red", "Bus", "ÄRGER", "Straße", "ЖУК", "Ⱥb", "İx", "日本語", "„quoted“", "(well-made)!", "…", "!?", "it's", "a_b",
        "«", "»x", "😀", "K", " ", "  ", "\t", "\u00A0", "\u3000", "\u2003", "\u0085", "\u1680", "\u205F", "x", "red", "big",
    ];

    internal static readonly Gen<string> Texts = Gen.Int[0, Fragments.Length - 1].Select(i => Fragments[i]).Array[0, 40].Select(string.Concat);

    private static string[] Encode(string output, string text) =>
        [.. new EncodingHarness(EncodingHarness.Outputs(output), "t:t").Encode(text).Select(name => name[(name.IndexOf('=') + 1)..])];

    [Theory]
    [InlineData("t", "red, green red,", "red, green")]
    [InlineData("ngram(t, 3)", "big red bus", "big red bus big+red red+bus big+red+bus")]
    [InlineData("osb(t, 4)", "one two three four five",
        "one_two one__three one___four two_three two__four two___five three_four three__five four_five")]
    [InlineData("no_punct(t)", "(well-made)! -- 'tis $5 „ja“ …", "well-made tis 5 ja")]
    [InlineData("lowercase(t)", "The FOX ÄRGER ЖУК", "the fox ärger жук")]
    [InlineData("ngram(lowercase(no_punct(t)), 2)", "Stop! ... STOP it.", "stop it stop+stop stop+it")]
    [InlineData("lowercase(ngram(t, 2))", "A B", "a b a+b")]
    [InlineData("ngram(ngram(t, 2), 2)", "a b", "a b a+b b+a+b")]
    [InlineData("ngram(t, 2)", "   ", "")]
    [InlineData("ngram(t, 10)", "one", "one")]
    [InlineData("osb(t, 2)", "one", "")]
    public void ATextBecomesTheTokensOfTheReference(string output, string text, string tokens) =>
        Assert.Equal(tokens.Length == 0 ? [] : tokens.Split(' ').Select(token => token.Replace('+', ' ')), Encode(output, text));

    [Fact]
    public void LowercaseAndNoPunctDoNotCareForTheirOrder() =>
        Texts.Sample(text => Assert.Equal(Encode("lowercase(no_punct(t))", text), Encode("no_punct(lowercase(t))", text)));

    [Fact]
    public void WordsAreWhatStringSplitFinds() =>
        Texts.Sample(text => Assert.Equal(Words(text).Distinct(), Encode("t", text)));

    [Fact]
    public void LowercaseIsTheFrameworksInvariantOne() =>
        Texts.Sample(text => Assert.Equal(Words(text).Select(word => word.ToLowerInvariant()).Distinct(), Encode("lowercase(t)", text)));

    [Fact]
    public void NoPunctTrimsWhatANaiveTrimTakes() =>
        Texts.Sample(text => Assert.Equal(
            Words(text).Select(TrimPunctuation).Where(word => word.Length > 0).Distinct(), Encode("no_punct(t)", text)));

    [Fact]
    public void NgramsAreTheJoinedRunsOfWords() =>
        Gen.Select(Texts, Gen.Int[2, 10]).Sample((text, n) =>
        {
            var words = Words(text);
            var runs = from length in Enumerable.Range(1, n)
                       from start in Enumerable.Range(0, Math.Max(0, words.Length - length + 1))
                       select string.Join(' ', words.Skip(start).Take(length));
            Assert.Equal(runs.Distinct(), Encode($"ngram(t, {n})", text));
        });

    [Fact]
    public void OsbPairsEachWordWithThoseInItsWindow() =>
        Gen.Select(Texts, Gen.Int[2, 10]).Sample((text, n) =>
        {
            var words = Words(text);
            var pairs = from first in Enumerable.Range(0, words.Length)
                        from second in Enumerable.Range(first + 1, Math.Min(n - 1, words.Length - first - 1))
                        select words[first] + new string('_', second - first) + words[second];
            Assert.Equal(pairs.Distinct(), Encode($"osb(t, {n})", text));
        });

    [Fact]
    public void ProductsCombineEveryTokenOfEveryArgument() =>
        Gen.Select(Texts, Texts).Sample((first, second) =>
        {
            var pairs = from a in Words(first.ToLowerInvariant()) from b in Words(second) select $"{a}_{b}_red";
            var harness = new EncodingHarness(EncodingHarness.Outputs("cartesian(lowercase(t), u, c)"), "t:t u:t c:c");
            Assert.Equal(pairs.Distinct().Select(pair => $"t~lowercase x u x c={pair}"), harness.Encode(first, second, "red"));
        });

    [Fact]
    public void BytesThatAreNoUtf8PassThroughEveryTransformation() =>
        Gen.Byte.Array[0, 60].Sample(bytes =>
        {
            var harness = new EncodingHarness(EncodingHarness.Outputs(
                "t", "ngram(lowercase(no_punct(t)), 3)", "osb(no_punct(lowercase(t)), 3)", "cartesian(t, lowercase(t))"), "t:t");
            var names = harness.Encode(bytes);
            Assert.Equal(names.Length, names.Distinct().Count());
        });

    [Fact]
    public void BrokenUtf8IsNotChanged()
    {
        var harness = new EncodingHarness(EncodingHarness.Outputs("lowercase(no_punct(t))"), "t:t");
        harness.Encode([0xFF, (byte)'A', 0xC3, (byte)'!']);
        Assert.Equal<byte>([0xFF, (byte)'a', 0xC3], harness.Vocabulary.Token(0).ToArray());
    }

    // Char by char, as the bytes are never seen as strings by the code under test. (U+001C to U+001F are not White_Space.)
    internal static string[] Words(string text) =>
        text.Split([.. text.Where(char.IsWhiteSpace).Distinct(), ' '], StringSplitOptions.RemoveEmptyEntries);

    internal static string TrimPunctuation(string word)
    {
        static bool IsPunctuation(char c) => char.IsPunctuation(c) || (c < 0x80 && char.IsSymbol(c));
        var (start, end) = (0, word.Length);
        while (start < end && IsPunctuation(word[start]))
            start++;
        while (end > start && IsPunctuation(word[end - 1]))
            end--;
        return word[start..end];
    }
}
