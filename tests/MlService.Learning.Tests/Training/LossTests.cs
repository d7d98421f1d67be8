using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

/// <summary>One table of losses, one set of laws.</summary>
public class LossTests
{
    private delegate float Evaluate(float[] scores, float label, out float[] gradient);

    private static readonly Dictionary<string, (Evaluate Loss, int Outputs, float[] Labels)> Losses = new()
    {
        ["logistic"] = (Scalar<LogisticLoss>, 1, [0, 1]),
        ["squared"] = (Scalar<SquaredLoss>, 1, [-3, 0, 2.5f]),
        ["softmax of 2"] = (Softmax, 2, [0, 1]),
        ["softmax of 5"] = (Softmax, 5, [0, 2, 4]),
    };

    public static TheoryData<string> Names => [.. Losses.Keys];

    [Theory, MemberData(nameof(Names))]
    public void TheGradientIsTheSlopeOfTheLoss(string name)
    {
        var (loss, outputs, labels) = Losses[name];
        var random = new Random(1);
        foreach (var label in labels)
            for (var trial = 0; trial < 50; trial++)
            {
                var scores = Enumerable.Range(0, outputs).Select(_ => (float)(random.NextDouble() * 8 - 4)).ToArray();
                loss(scores, label, out var gradient);
                for (var k = 0; k < outputs; k++)
                {
                    const float Step = 1f / 64;
                    var slope = (loss(Moved(scores, k, Step), label, out _) - loss(Moved(scores, k, -Step), label, out _)) / (2 * Step);
                    Assert.Equal(slope, gradient[k], 0.002);
                }
            }
    }

    [Theory, MemberData(nameof(Names))]
    public void ALossIsNeverNegativeNorWithoutNumber(string name)
    {
        var (loss, outputs, labels) = Losses[name];
        foreach (var label in labels)
            foreach (var magnitude in (float[])[0, 1, 30, 100, 1e4f, -30, -1e4f])
            {
                var scores = new float[outputs];
                scores[0] = magnitude;
                var value = loss(scores, label, out var gradient);
                Assert.True(value >= 0 && float.IsFinite(value), $"{value} at {magnitude}");
                Assert.All(gradient, slope => Assert.True(float.IsFinite(slope)));
            }
    }

    [Theory, MemberData(nameof(Names))]
    public void ALossIsConvex(string name)
    {
        var (loss, outputs, labels) = Losses[name];
        var random = new Random(2);
        foreach (var label in labels)
            for (var trial = 0; trial < 50; trial++)
            {
                var a = Enumerable.Range(0, outputs).Select(_ => (float)(random.NextDouble() * 10 - 5)).ToArray();
                var b = Enumerable.Range(0, outputs).Select(_ => (float)(random.NextDouble() * 10 - 5)).ToArray();
                var middle = a.Zip(b, (x, y) => (x + y) / 2).ToArray();
                Assert.True(loss(middle, label, out _) <= (loss(a, label, out _) + loss(b, label, out _)) / 2 + 1e-5f);
            }
    }

    [Fact]
    public void SoftmaxOfTwoClassesIsLogisticInTheirDifference()
    {
        foreach (var (a, b) in (ReadOnlySpan<(float, float)>)[(0, 0), (1, -2), (-3, 5), (20, 3)])
        {
            var softmax = Softmax([a, b], 1, out var gradients);
            var logistic = Scalar<LogisticLoss>([b - a], 1, out var gradient);
            Assert.Equal(logistic, softmax, 1e-5f);
            Assert.Equal(gradient[0], gradients[1], 1e-5f);
            Assert.Equal(-gradient[0], gradients[0], 1e-5f);
        }
    }

    [Theory]
    [InlineData(0, 1, 0.69314718, -0.5)]
    [InlineData(2, 1, 0.12692801, -0.11920292)]
    [InlineData(2, 0, 2.12692801, 0.88079708)]
    [InlineData(-100, 0, 0, 0)]
    [InlineData(-100, 1, 100, -1)]
    public void LogisticLossHasItsClosedForm(float score, float label, double loss, double slope)
    {
        Assert.Equal(loss, Scalar<LogisticLoss>([score], label, out var gradient), 1e-6);
        Assert.Equal(slope, gradient[0], 1e-6);
    }

    [Fact]
    public void SquaredLossIsHalfTheSquare()
    {
        Assert.Equal(4.5f, Scalar<SquaredLoss>([5], 2, out var gradient));
        Assert.Equal(3, gradient[0]);
    }

    [Fact]
    public void EqualScoresOfKClassesLoseTheLogarithmOfK() =>
        Assert.Equal(Math.Log(5), Softmax([7, 7, 7, 7, 7], 3, out _), 1e-6);

    private static float[] Moved(float[] scores, int k, float step)
    {
        float[] moved = [.. scores];
        moved[k] += step;
        return moved;
    }

    private static float Scalar<TLoss>(float[] scores, float label, out float[] gradient) where TLoss : struct, IScalarLoss
    {
        var loss = TLoss.Evaluate(scores[0], label, out var slope);
        gradient = [slope];
        return loss;
    }

    private static float Softmax(float[] scores, float label, out float[] gradient)
    {
        gradient = [.. scores];
        return SoftmaxLoss.Evaluate(gradient, (int)label);
    }
}
