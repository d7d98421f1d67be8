using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

public class TrainingParametersTests
{
    [Fact]
    public void NothingGivenMeansTheDefaultsOfAmazonsConsoleAndWhatTheTrainingFindsBest()
    {
        var map = TrainingParameters.Parse(new Dictionary<string, string>()).ToDictionary();
        Assert.Equal("sgd", map["algorithm"]);
        Assert.Equal("104857600", map["sgd.maxMLModelSizeInBytes"]);
        Assert.Equal("10", map["sgd.maxPasses"]);
        Assert.Equal("auto", map["sgd.shuffleType"]);
        Assert.Equal("auto", map["sgd.l1RegularizationAmount"]);
        Assert.Equal("auto", map["sgd.l2RegularizationAmount"]);
        Assert.Equal("auto", map["sgd.learningRate"]);
    }

    [Fact]
    public void TheWholeMapCanBeSentBack()
    {
        var parameters = TrainingParameters.Parse(new Dictionary<string, string>
        {
            ["sgd.maxPasses"] = "100",
            ["sgd.shuffleType"] = "none",
            ["sgd.l1RegularizationAmount"] = "1.0E-04",
            ["sgd.learningRate"] = "0.3",
            ["sgd.tolerance"] = "0",
            ["sgd.seed"] = "42",
            ["sgd.calibration"] = "platt",
            ["sgd.folds"] = "10",
            ["sgd.classWeights"] = """{"no": 0.5, "yes": 2}""",
        });
        Assert.Equal(parameters, TrainingParameters.Parse(parameters.ToDictionary()));
        Assert.Equal("0.0001", parameters.ToDictionary()["sgd.l1RegularizationAmount"]);
    }

    [Theory]
    [InlineData("1e-4", 1e-4)]
    [InlineData("1.0E-04", 1e-4)]
    [InlineData("0", 0)]
    [InlineData("0.0", 0)]
    [InlineData("2", 2)]
    public void AmountsComeInManySpellings(string text, double expected) =>
        Assert.Equal(expected, Parse("sgd.l2RegularizationAmount", text).L2);

    [Theory]
    [InlineData("sgd.l1RegularizationAmount", "1e-6", 1e-6, 0.0)]
    [InlineData("sgd.l2RegularizationAmount", "1e-4", 0.0, 1e-4)]
    [InlineData("sgd.l2RegularizationAmount", "0", 0.0, 0.0)]
    [InlineData("sgd.l1RegularizationAmount", "0", 0.0, null)]
    [InlineData("sgd.l2RegularizationAmount", "auto", null, null)]
    public void AnAmountThatIsGivenSettlesTheOther(string key, string value, double? l1, double? l2)
    {
        var parameters = Parse(key, value);
        Assert.Equal((l1, l2), (parameters.L1, parameters.L2));
        Assert.Equal(parameters, TrainingParameters.Parse(parameters.ToDictionary()));
    }

    [Theory]
    [InlineData("maxMLModelSizeInBytes")]
    [InlineData("sgd.maxMLModelSizeInBytes")]
    public void TheSizeIsAcceptedWithAndWithoutPrefix(string key) =>
        Assert.Equal(2_147_483_648, Parse(key, "2147483648").MaxModelSizeInBytes);

    [Theory]
    [InlineData("sgd.maxMLModelSizeInBytes", "99999", "100000 to 2147483648")]
    [InlineData("sgd.maxMLModelSizeInBytes", "2147483649", "100000 to 2147483648")]
    [InlineData("sgd.calibration", "isotonic", "none or platt")]
    [InlineData("sgd.folds", "1", "an integer from 2 to 10, or 0")]
    [InlineData("sgd.folds", "11", "an integer from 0 to 10")]
    [InlineData("sgd.classWeights", "even", "none, balanced, or a JSON object")]
    [InlineData("sgd.classWeights", "[1]", "none, balanced, or a JSON object")]
    [InlineData("sgd.classWeights", """{"1": 0}""", "each class once a number above 0")]
    [InlineData("sgd.classWeights", """{"1": "many"}""", "each class once a number above 0")]
    [InlineData("sgd.classWeights", """{"1": 2, "1": 3}""", "each class once")]
    [InlineData("sgd.maxPasses", "0", "1 to 10000")]
    [InlineData("sgd.maxPasses", "10001", "1 to 10000")]
    [InlineData("sgd.maxPasses", "ten", "1 to 10000")]
    [InlineData("sgd.shuffleType", "random", "auto or none")]
    [InlineData("sgd.l1RegularizationAmount", "-1", "number from 0")]
    [InlineData("sgd.l2RegularizationAmount", "NaN", "number from 0")]
    [InlineData("sgd.l2RegularizationAmount", "1e999", "number from 0")]
    [InlineData("sgd.learningRate", "0", "above 0")]
    [InlineData("sgd.tolerance", "1.5", "0 to 1")]
    [InlineData("algorithm", "randomForest", "sgd, fastTree or lightGbm")]
    [InlineData("trees.number", "0", "an integer from 1 to 10000")]
    [InlineData("trees.learningRate", "1.5", "a number above 0 and up to 1")]
    public void AValueOutOfRangeIsNamedWithItsKeyAndRange(string key, string value, string range)
    {
        var error = Assert.Throws<InvalidInputException>(() => Parse(key, value));
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.Contains($"\"{value}\"", error.Message, StringComparison.Ordinal);
        Assert.Contains(range, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownKeyIsNamedBesideTheKnownOnes()
    {
        var error = Assert.Throws<InvalidInputException>(() => Parse("sgd.maxPass", "10"));
        Assert.Contains("\"sgd.maxPass\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("sgd.maxPasses", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BothRegularizationsAtOnceAreRefused()
    {
        var error = Assert.Throws<InvalidInputException>(() => TrainingParameters.Parse(new Dictionary<string, string>
        {
            ["sgd.l1RegularizationAmount"] = "1e-6",
            ["sgd.l2RegularizationAmount"] = "1e-6",
        }));
        Assert.Contains("Set one of them to 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoSizesThatDifferAreRefused() => Assert.Throws<InvalidInputException>(() => TrainingParameters.Parse(
        new Dictionary<string, string> { ["maxMLModelSizeInBytes"] = "100000", ["sgd.maxMLModelSizeInBytes"] = "200000" }));

    private static TrainingParameters Parse(string key, string value) =>
        TrainingParameters.Parse(new Dictionary<string, string> { [key] = value });

    [Theory]
    [InlineData("sgd", "trees.leaves", "31")]
    [InlineData("fastTree", "sgd.maxPasses", "10")]
    [InlineData("lightGbm", "sgd.learningRate", "auto")]
    public void AParameterOfAnotherAlgorithmIsRefused(string algorithm, string key, string value)
    {
        var error = Assert.Throws<InvalidInputException>(() => TrainingParameters.Parse(new Dictionary<string, string> { ["algorithm"] = algorithm, [key] = value }));
        Assert.StartsWith($"{key} is no parameter of algorithm {algorithm}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TreesShowTheirOwnParametersWithDefaults()
    {
        var map = TrainingParameters.Parse(new Dictionary<string, string> { ["algorithm"] = "lightGbm", ["trees.leaves"] = "63" }).ToDictionary();
        Assert.Equal(
            ["algorithm=lightGbm", "sgd.calibration=none", "sgd.classWeights=none", "sgd.folds=0", "sgd.maxMLModelSizeInBytes=104857600", "sgd.seed=0", "trees.learningRate=0.1",
                "trees.leaves=63", "trees.minExamplesPerLeaf=20", "trees.number=100"],
            map.Select(pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(map, TrainingParameters.Parse(map).ToDictionary());
    }
}
