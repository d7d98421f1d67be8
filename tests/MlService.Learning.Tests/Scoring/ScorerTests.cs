using System.Text;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Records;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;
using MlService.Learning.Scoring;
using MlService.Learning.Statistics;
using MlService.Learning.Training;
using Record = MlService.Learning.Records.Record;

namespace MlService.Learning.Tests.Scoring;

/// <summary>Models with weights set by hand, scores computed by hand.</summary>
public class ScorerTests
{
    private static readonly DataSchema Inputs = new([new("age", AttributeType.Numeric), new("job", AttributeType.Categorical)]);

    // b = 0.5, age: 0.1 per year from 40, job=boss: 2, job=clerk: −1.
    private static readonly double[] OneIntercept = [0.5];
    private static readonly float[] OneWeights = [0.1f, 2, -1];

    [Theory]
    [InlineData("50", "boss", 0.5 + 1 + 2)]
    [InlineData("40", "clerk", 0.5 - 1)]
    [InlineData("", "boss", 2.5)]
    [InlineData("0", "", 0.5 - 4)]
    [InlineData("x", "pilot", 0.5)]
    public void TheScoreIsTheInterceptAndTheWeightsOfWhatIsThere(string age, string job, double expected)
    {
        var regression = Model(AttributeType.Numeric, [], OneWeights, OneIntercept);
        Assert.Equal(expected, Score(regression, [age, job]).Value, 5);
        var binary = Model(AttributeType.Binary, [], OneWeights, OneIntercept);
        Assert.Equal((float)(1 / (1 + Math.Exp(-expected))), (float)Score(binary, [age, job]).Value, 1e-6f);
    }

    [Fact]
    public void ClassesGetTheSoftmaxOfTheirScores()
    {
        var model = Model(AttributeType.Categorical, ["a", "b", "c"], [0.1f, 0, -0.1f, 1, 2, 3, 0, 0, 0], [0, 0.5, 1]);
        double[] scores = [1 + 1, 0.5 + 2, 1 - 1 + 3];
        var sum = scores.Sum(Math.Exp);
        var (best, _, probabilities) = Score(model, ["50", "boss"]);
        Assert.Equal(2, best);
        Assert.Equal(1, probabilities.Sum(), 1e-6f);
        for (var k = 0; k < 3; k++)
            Assert.Equal(Math.Exp(scores[k]) / sum, probabilities[k], 1e-6);
    }

    [Fact]
    public void TheFirstOfEquallyProbableClassesIsBest() =>
        Assert.Equal(0, Score(Model(AttributeType.Categorical, ["a", "b", "c"], new float[9], [1, 1, 1]), ["1", "x"]).Best);

    [Fact]
    public void ContributionsAddUpToTheScoreAndStandByMagnitude()
    {
        var model = Model(AttributeType.Binary, [], OneWeights, OneIntercept);
        var explanation = Explain(model, ["50", "boss"]);
        Assert.Equal(3.5, explanation.Score, 5);
        Assert.Equal(explanation.Score, explanation.Intercept + explanation.Contributions.Sum(item => item.Contribution), 12);
        Assert.Equal(["job=boss", "age"], explanation.Contributions.Select(item => item.Name));
        Assert.Equal(50, explanation.Contributions[1].Value);
        Assert.Equal(1, explanation.Contributions[1].Contribution, 5);
    }

    [Fact]
    public void AnyClassCanBeExplained()
    {
        var model = Model(AttributeType.Categorical, ["a", "b", "c"], [0.1f, 0, -0.1f, 1, 2, 3, 0, 0, 0], [0, 0.5, 1]);
        Assert.Equal(2, Explain(model, ["50", "boss"]).Output);
        Assert.Equal(2, Explain(model, ["50", "boss"], 0).Score, 5);
        Assert.Throws<ArgumentOutOfRangeException>(() => Explain(model, ["50", "boss"], 3));
    }

    [Fact]
    public void ColumnsAreMatchedByNameAndMissingOnesAreEmpty()
    {
        var model = Model(AttributeType.Numeric, [], OneWeights, OneIntercept);
        var input = new DataSchema([new("other", AttributeType.Text), new("job", AttributeType.Categorical)]);
        Assert.Equal(2.5, Score(model, ["9", "boss"], input).Value, 5);
    }

    [Fact]
    public void WeightsComeByFallingMagnitude()
    {
        var weights = Model(AttributeType.Numeric, [], OneWeights, OneIntercept).Weights(0, 2);
        Assert.Equal([new("job=boss", 2, 0), new("job=clerk", -1, 0)], weights);
    }

    [Fact]
    public void ScoringAllocatesNothing()
    {
        var scorer = Model(AttributeType.Binary, [], OneWeights, OneIntercept).CreateScorer(Inputs);
        var bytes = "50boss"u8.ToArray();
        FieldRange[] fields = [new(0, 2), new(2, 4)];
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (var i = 0; i < 1000; i++)
                scorer.Score(new Record(bytes, fields));
        }));
    }

    private static LinearModel Model(AttributeType target, string[] classes, float[] weights, double[] intercepts)
    {
        var schema = new DataSchema([.. Inputs.Attributes, new("y", target)], target: "y");
        var plan = FeaturePlan.Compile(Recipe.Parse("""{"outputs": ["age", "job"]}"""), schema, _ => NumericSummary.FromValues([1, 2]));
        var encoder = TargetEncoder.For(schema, [.. classes.Select((name, i) => new ValueCount(name, 100 - i))]);
        var vocabulary = new FeatureVocabulary();
        vocabulary.GetOrAdd(0, ""u8);
        vocabulary.GetOrAdd(1, "boss"u8);
        vocabulary.GetOrAdd(1, "clerk"u8);
        var empty = LinearModel.Empty(new TrainingSetup(plan, encoder, TrainingParameters.Default));
        return new(empty.Head, vocabulary, [40], weights, intercepts);
    }

    private static (int Best, double Value, float[] Probabilities) Score(LinearModel model, string[] fields, DataSchema? input = null)
    {
        var (bytes, ranges) = Fields(fields);
        var prediction = model.CreateScorer(input ?? Inputs).Score(new Record(bytes, ranges));
        return (prediction.BestClass, prediction.Value, prediction.Probabilities.ToArray());
    }

    private static Explanation Explain(LinearModel model, string[] fields, int? output = null)
    {
        var (bytes, ranges) = Fields(fields);
        return model.CreateScorer(Inputs).Explain(new Record(bytes, ranges), output);
    }

    private static (byte[] Bytes, FieldRange[] Ranges) Fields(string[] fields)
    {
        var ranges = new List<FieldRange>();
        var at = 0;
        foreach (var field in fields)
        {
            ranges.Add(new(at, Encoding.UTF8.GetByteCount(field)));
            at += ranges[^1].Length;
        }
        return (Encoding.UTF8.GetBytes(string.Concat(fields)), [.. ranges]);
    }
}
