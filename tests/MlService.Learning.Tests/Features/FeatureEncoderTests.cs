using System.Text;
using MlService.Learning.Features;

namespace MlService.Learning.Tests.Features;

public class FeatureEncoderTests
{
    private static string Outputs(params string[] outputs) => EncodingHarness.Outputs(outputs);

    [Theory]
    [InlineData("31.5", "age:31.5")]
    [InlineData("0", "age:0")]
    [InlineData("-2e3", "age:-2000")]
    [InlineData("", "age is missing")]
    [InlineData("old", "age is missing")]
    [InlineData("NaN", "age is missing")]
    [InlineData("1e999", "age is missing")]
    public void ANumberIsItsValueOrTheIndicatorThatItIsMissing(string text, string feature) =>
        Assert.Equal([feature], new EncodingHarness(Outputs("age"), "age:n").Encode(text));

    [Fact]
    public void ANumberBeyondSinglePrecisionStaysFinite() =>
        Assert.Equal([$"age:{float.MaxValue}"], new EncodingHarness(Outputs("age"), "age:n").Encode("1e300"));

    [Theory]
    [InlineData("Yes", "housing")]
    [InlineData("f", null)]
    [InlineData("", "housing is missing")]
    [InlineData("7", "housing is missing")]
    public void ABinaryValueIsOneFeatureForTrueAndNoneForFalse(string text, string? feature) =>
        Assert.Equal(feature is null ? [] : [feature], new EncodingHarness(Outputs("housing"), "housing:b").Encode(text));

    [Theory]
    [InlineData("student", "job=student")]
    [InlineData("", "job=")]
    [InlineData("missing", "job=missing")]
    [InlineData("two words", "job=two words")]
    public void ACategoryIsNeverSplitAndMayBeEmpty(string text, string feature) =>
        Assert.Equal([feature], new EncodingHarness(Outputs("job"), "job:c").Encode(text));

    [Theory]
    [InlineData("0.9", "age in (-inf, 3)")]
    [InlineData("2.999", "age in (-inf, 3)")]
    [InlineData("3", "age in [3, 5)")]
    [InlineData("8.5", "age in [7, 9)")]
    [InlineData("1e6", "age in [9, inf)")]
    [InlineData("", "age is missing")]
    public void ANumberFallsInTheBinOfEquallyManyTrainingRows(string text, string feature)
    {
        var training = new Dictionary<string, double[]> { ["age"] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] };
        Assert.Equal([feature], new EncodingHarness(Outputs("quantile_bin(age, 5)"), "age:n", training).Encode(text));
    }

    [Fact]
    public void NormalizeGivesMeanZeroAndVarianceOne()
    {
        var training = new Dictionary<string, double[]> { ["a"] = [2, 4, 6], ["b"] = [5, 5, 5] };
        var harness = new EncodingHarness(Outputs("normalize(a)", "normalize(b)"), "a:n b:n", training);
        Assert.Equal(["a~normalize:-1", "b~normalize:0"], harness.Encode("2", "77"));
        Assert.Equal(["a~normalize:1.5", "b~normalize is missing"], harness.Encode("7", "x"));
    }

    [Fact]
    public void NumbersAtTheEndsOfTheirRangeAreNormalizedToFiniteValues()
    {
        var training = new Dictionary<string, double[]> { ["a"] = [1.5e308, -1.5e308, 1.5e308, -1.5e308] };
        var harness = new EncodingHarness(Outputs("normalize(a)"), "a:n", training);
        // Sample standard deviation of ±m, two of each: m · √(4/3).
        Assert.Equal([$"a~normalize:{(float)Math.Sqrt(0.75)}"], harness.Encode("1.5e308"));
        Assert.Equal(["a~normalize:0"], harness.Encode("0"));
    }

    [Fact]
    public void BinsOfANormalizedNumberAreThoseOfTheNumber()
    {
        var training = new Dictionary<string, double[]> { ["a"] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] };
        var harness = new EncodingHarness(Outputs("quantile_bin(normalize(normalize(a)), 5)", "quantile_bin(a, 5)"), "a:n", training);
        foreach (var number in training["a"])
            harness.Encode($"{number}");
        Assert.Equal(10, harness.Vocabulary.Count);
        Assert.Equal(harness.Encode("3")[1], harness.Encode("4.9")[1]);
        Assert.Equal(harness.Encode("3")[0], harness.Encode("4.9")[0]);
        Assert.NotEqual(harness.Encode("3")[0], harness.Encode("2.9")[0]);
    }

    [Fact]
    public void AProductNeedsATokenOfEveryArgument()
    {
        var harness = new EncodingHarness(
            Outputs("cartesian(title, cover)", "cartesian(quantile_bin(price, 5), new, cover)"), "title:t cover:c price:n new:b",
            new() { ["price"] = [1, 2, 3, 4, 5] });
        Assert.Equal(
            ["title x cover=War_hard", "title x cover=and_hard", "title x cover=Peace_hard",
             "price~quantile_bin(5) x new x cover=[2, 3)_1_hard"],
            harness.Encode("War and Peace", "hard", "2", "yes"));
        Assert.Empty(harness.Encode("", "hard", "", "no"));
        Assert.Empty(harness.Encode("War and Peace", "", "1", "no"));
        Assert.Equal(["title x cover=War_hard"], harness.Encode("War", "hard", "1", "perhaps"));
    }

    [Fact]
    public void TheSupportTicketsOfTheReferenceBecomeTheseFeatures()
    {
        const string recipe = """
            {
              "groups": { "WORDS": "group(subject, body)" },
              "assignments": { "clean": "lowercase(no_punct(WORDS))", "age_bins": "quantile_bin(age_days, 50)" },
              "outputs": [ "ngram(clean, 2)", "osb(lowercase(no_punct(subject)), 4)", "age_bins", "normalize(replies)",
                "cartesian(product, plan)", "ALL_CATEGORICAL // the single values too" ]
            }
            """;
        var harness = new EncodingHarness(recipe, "subject:t body:t product:c plan:c age_days:n replies:n y:b",
            new() { ["age_days"] = [1, 2], ["replies"] = [0, 2, 4] });
        Assert.Equal(
            [
                "subject~no_punct~lowercase~ngram(2)=help", "subject~no_punct~lowercase~ngram(2)=me",
                "subject~no_punct~lowercase~ngram(2)=help me", "body~no_punct~lowercase~ngram(2)=broken",
                "body~no_punct~lowercase~ngram(2)=broken broken", "subject~no_punct~lowercase~osb(4)=help_me", "age_days in [2, inf)", "replies~normalize:2",
                "product x plan=car_gold", "product=car", "plan=gold",
            ],
            harness.Encode("Help me!", "Broken, broken.", "car", "gold", "2", "6", "1"));
    }

    [Fact]
    public void FeatureNamesStayDifferentWhateverTheAttributesAreCalled()
    {
        var harness = new EncodingHarness(
            Outputs("ALL_INPUTS", "cartesian(ALL_CATEGORICAL, b)", "quantile_bin(a, 5)", "quantile_bin(a, 6)"),
            "a:n a+is+missing:n a+x+b:c a=1:c b:c q:c 1'2:c");
        var names = harness.Encode("", "", "v", "v", "v", "v", "v").Concat(harness.Encode("1", "1", "w", "w", "w", "w", "w")).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Contains("'a x b'=v", names);
        Assert.Contains("'1''2' x b=v_v", names);
    }

    [Fact]
    public void ColumnsAreFoundByNameAndAnAbsentOneIsEmpty()
    {
        var plan = EncodingHarness.CompileFor(Outputs("ALL_INPUTS"), EncodingHarness.SchemaOf("n:n c:c b:b t:t"));
        var other = EncodingHarness.SchemaOf("t:c extra:n n:t");
        var harness = new EncodingHarness(plan, other);
        Assert.Equal(["n:5", "c=", "b is missing", "t=two", "t=words"], harness.Encode("two words", "9", "5"));
    }

    [Fact]
    public void AFrozenVocabularyMakesUnknownFeaturesVanish()
    {
        var training = new EncodingHarness(Outputs("ALL_INPUTS"), "c:c t:t n:n");
        training.Encode("red", "big bus", "1");
        var scoring = new EncodingHarness(training.Plan, vocabulary: training.Vocabulary, grow: false);
        Assert.Equal(["c=red", "t=bus", "n:2"], scoring.Encode("red", "small bus", "2"));
        Assert.Empty(scoring.Encode("blue", "new", ""));
        Assert.Equal(4, training.Vocabulary.Count);
        Assert.Equal(1, training.Vocabulary.Occurrences(0));
    }

    [Fact]
    public void OccurrencesCountRecordsNotRepetitions()
    {
        var harness = new EncodingHarness(Outputs("t", "quantile_bin(n, 5)", "b"), "t:t n:n b:b");
        harness.Encode("a a b", "1", "1");
        harness.Encode("a", "1", "0");
        var counts = Enumerable.Range(0, harness.Vocabulary.Count)
            .Select(id => (harness.Plan.FeatureName(harness.Vocabulary.Slot(id), harness.Vocabulary.Token(id)),
                harness.Vocabulary.Occurrences(id)));
        Assert.Equal([("t=a", 2), ("t=b", 1), ("n in (-inf, 2)", 2), ("b", 1)], counts);
    }

    [Fact]
    public void RetiredFeaturesGetNewIdsInTheEncoderToo()
    {
        var harness = new EncodingHarness(Outputs("n", "b"), "n:n b:b");
        harness.Encode("1", "1");
        harness.Encode("1", "0");
        Assert.Equal(1, harness.Vocabulary.Prune(2));
        Assert.Equal(["n:3", "b"], harness.Encode("3", "1"));
        Assert.Equal(3, harness.Vocabulary.NextId);
        Assert.True(harness.Vocabulary.Contains(2) && !harness.Vocabulary.Contains(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NothingIsAllocatedPerRow(bool grow)
    {
        var recipe = Outputs("ALL_INPUTS", "ngram(lowercase(no_punct(t)), 3)", "osb(t, 4)", "cartesian(t, c, b)", "normalize(n)",
            "quantile_bin(n, 10)", "cartesian(quantile_bin(n, 10), c)");
        var training = new EncodingHarness(recipe, "c:c t:t n:n b:b");
        var words = string.Join(' ', Enumerable.Range(0, 40).Select(i => $"Wörd{i}!"));
        string[] row = ["blue-collar worker since long", words, "3.25", "yes"];
        training.Encode(row);
        var harness = new EncodingHarness(training.Plan, vocabulary: training.Vocabulary, grow: grow);
        Assert.Equal(0, harness.AllocatedBy(100, row));
    }

    [Fact]
    public void ExplodingProductsAndNgramsAreCutOffAtTheTokensOfARecord()
    {
        var tokens = new RecordTokens();
        var words = tokens.Split(Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(0, 15_000).Select(i => $"w{i:x}"))));
        Assert.Equal(new TokenRange(0, 15_000), words);
        Assert.Equal(15_000 * 10 - 45, tokens.Ngram(words, 10).Count);
        var left = RecordTokens.MaxTokens - tokens.Count;
        Assert.Equal(left, tokens.Product([words, words, words], new int[3]).Count);
        Assert.True(tokens[words.Count + 15_000 * 10 - 45 + 1].SequenceEqual("w0_w0_w1"u8));
        Assert.Equal(0, tokens.Osb(words, 2).Count);
        tokens.Clear();
        Assert.Equal(1, tokens.Single("next"u8).Count);
    }

    [Fact]
    public void OutputsThatMakeNoTokensAreNotCutOff()
    {
        var words = string.Join(' ', Enumerable.Range(0, 10_000).Select(i => $"w{i:x}"));
        var plan = EncodingHarness.CompileFor(Outputs("cartesian(t, t)", "c", "n"), EncodingHarness.SchemaOf("t:t c:c n:n"));
        var training = new EncodingHarness(plan);
        training.Encode("w0 w1", "red", "1");
        var scoring = new EncodingHarness(plan, vocabulary: training.Vocabulary, grow: false);
        Assert.Equal(["t x t=w0_w0", "t x t=w0_w1", "t x t=w1_w0", "t x t=w1_w1", "c=red", "n:2"], scoring.Encode(words, "red", "2"));
    }

    [Fact]
    public void LongProductsOfLongValuesStayWithinTheBytesOfARecord()
    {
        var factors = string.Join(", ", Enumerable.Repeat("c", 40));
        var harness = new EncodingHarness(Outputs($"cartesian({factors})", "c"), "c:c");
        Assert.Single(harness.Encode(new string('x', 90_000)));
        Assert.Equal(2, harness.Encode("x").Length);
    }

    [Fact]
    public void ARecordWithTooFewFieldsIsTheCallersMistake() =>
        Assert.Throws<ArgumentException>(() => new EncodingHarness(Outputs("a"), "a:n b:n").Encode("1"));
}
