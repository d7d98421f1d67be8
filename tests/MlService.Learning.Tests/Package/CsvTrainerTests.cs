using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Tests.Training;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Package;

public sealed class CsvTrainerTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void ALineIsFoundInAFile()
    {
        // y = 3·a − 2·b + 7.5, from −37 to 55.
        Write("a,b,y", i => FormattableString.Invariant($"{i % 17},{i * 7 % 23},{3 * (i % 17) - 2 * (i * 7 % 23) + 7}.5"));
        var model = Train("y", TrainingParameters.Default with { MaxPasses = 100 }, Recipe.Parse("""{ "outputs": ["a", "b"] }"""));
        Assert.Equal(ModelType.Regression, model.Type);
        Assert.Equal(2, model.FeatureCount);
        var scorer = model.CreateScorer();
        foreach (var (a, b) in new[] { (0, 0), (16, 3), (5, 22) })
            Assert.Equal(3 * a - 2 * b + 7.5, scorer.Score(new Dictionary<string, string> { ["a"] = $"{a}", ["b"] = $" {b}\t" }).Value, 1.5);
    }

    [Fact]
    public void LargeFilesAreReadInPartsWithTheSameRows()
    {
        // Above a megabyte each core reads a part.
        Write("a,filler,y", i => $"{(i % 2 == 0 ? "x" : "z")},{new string('f', 40)}{i % 5},{i % 2}", 60_000);
        var model = Train("y");
        Assert.Equal(60_000, model.Summary.Examples);
        Assert.True(model.CreateScorer().Score(new Dictionary<string, string> { ["a"] = "z" }).Value > 0.9);
    }

    [Fact]
    public void WhatCannotBeIsSaidPlainly()
    {
        Write("a,b,y", i => $"{i},{i % 7},{i % 2}");
        Assert.Contains("Attributes are a, b, y", Assert.Throws<InvalidInputException>(() => Train("z")).Message, StringComparison.Ordinal);
        Assert.Contains("MlService.Learning.Trees", Assert.Throws<InvalidInputException>(
            () => Train("y", TrainingParameters.Default with { Algorithm = Algorithm.FastTree })).Message, StringComparison.Ordinal);
        var scorer = Train("y").CreateScorer();
        Assert.Contains("'c'", Assert.Throws<InvalidInputException>(() => scorer.Explain(new Dictionary<string, string> { ["c"] = "1" })).Message, StringComparison.Ordinal);
    }

    private LinearModel Train(string target, TrainingParameters? parameters = null, Recipe? recipe = null) =>
        CsvTrainer.Train(_path, target, parameters, recipe, cancellation: TestContext.Current.CancellationToken);

    private void Write(string header, Func<int, string> row, int rows = 2000) => File.WriteAllText(_path, $"{header}\n{TrainingHarness.Csv(rows, row)}");
}
