using MlService.Learning.Models;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

/// <summary>The learners against optima found by slow, plain methods.</summary>
public class LearnerTests
{
    private const int Rows = 4000;
    private const int Features = 8;

    private static readonly double[] True = [1.5, -1, 0.5, 0, 0, 2, -0.5, 1];

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    public void LogisticLossComesWithinOnePercentOfTheOptimum(double l2)
    {
        var (x, scores) = Data(1);
        var random = new Random(2);
        var y = scores.Select(score => random.NextDouble() < 1 / (1 + Math.Exp(-score + 0.5)) ? 1.0 : 0).ToArray();
        var optimum = Objective(x, y, Newton(x, y, l2, Sigmoid), l2, Logistic);
        var weights = Learn(x, y, ModelType.Binary, 1, 0.1, passes: 30, l2: l2);
        Assert.InRange(Objective(x, y, weights, l2, Logistic), optimum - 1e-6, optimum * 1.01);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    public void SquaredLossComesWithinOnePercentOfTheOptimum(double l2)
    {
        var (x, scores) = Data(3);
        var random = new Random(4);
        var y = scores.Select(score => (score + random.NextDouble() * 2 - 1) / 3).ToArray();
        var optimum = Objective(x, y, Newton(x, y, l2, score => (score, 1)), l2, Squared);
        var weights = Learn(x, y, ModelType.Regression, 1, 0.1, passes: 30, l2: l2);
        Assert.InRange(Objective(x, y, weights, l2, Squared), optimum - 1e-6, optimum * 1.01);
    }

    [Fact]
    public void TwoClassesOfSoftmaxReachTheOptimumOfLogisticRegression()
    {
        var (x, scores) = Data(5);
        var random = new Random(6);
        var y = scores.Select(score => random.NextDouble() < 1 / (1 + Math.Exp(-score)) ? 1.0 : 0).ToArray();
        var optimum = Objective(x, y, Newton(x, y, 0, Sigmoid), 0, Logistic);
        var both = Learn(x, y, ModelType.Multiclass, 2, 0.1, passes: 30);
        var difference = Enumerable.Range(0, Features + 1).Select(i => both[i * 4 + 1] - both[i * 4]).ToArray();
        Assert.InRange(Objective(x, y, difference, 0, Logistic), optimum - 1e-6, optimum * 1.01);
    }

    [Fact]
    public void L1LeavesUselessFeaturesAtExactlyZeroAndKeepsTheOthers()
    {
        var (x, scores) = Data(7);
        var random = new Random(8);
        var y = scores.Select(score => random.NextDouble() < 1 / (1 + Math.Exp(-score)) ? 1.0 : 0).ToArray();
        var weights = Learn(x, y, ModelType.Binary, 1, 0.1, passes: 20, l1: 0.02);
        Assert.Equal(0, weights[3]);
        Assert.Equal(0, weights[4]);
        Assert.All((int[])[0, 1, 5, 7], i => Assert.True(Math.Sign(weights[i]) == Math.Sign(True[i])));
    }

    [Fact]
    public void L1ReachesWhatProximalGradientDescentFinds()
    {
        const double L1 = 0.01;
        var (x, scores) = Data(9);
        var random = new Random(10);
        var y = scores.Select(score => random.NextDouble() < 1 / (1 + Math.Exp(-score)) ? 1.0 : 0).ToArray();
        var best = ProximalGradient(x, y, L1);
        var weights = Learn(x, y, ModelType.Binary, 1, 0.1, passes: 30, l1: L1);
        Assert.InRange(WithL1(weights), WithL1(best) - 1e-6, WithL1(best) * 1.01);

        double WithL1(double[] w) => Objective(x, y, w, 0, Logistic) + L1 * w.Take(Features).Sum(Math.Abs);
    }

    [Theory]
    [InlineData(ModelType.Binary, 1, true)]
    [InlineData(ModelType.Binary, 1, false)]
    [InlineData(ModelType.Multiclass, 3, true)]
    [InlineData(ModelType.Multiclass, 3, false)]
    public void APenaltyBeyondAllReasonMakesEveryWeightZero(ModelType type, int outputs, bool isL1)
    {
        var (x, scores) = Data(11);
        var y = scores.Select(score => score > 0 ? 1.0 : 0).ToArray();
        var weights = Learn(x, y, type, outputs, 0.1, passes: 2, l1: isL1 ? 1e30 : 0, l2: isL1 ? 0 : 1e30);
        var width = weights.Length / (Features + 1);
        Assert.All(weights.SkipLast(width), weight => Assert.InRange(Math.Abs(weight), 0, 1e-20));
        Assert.NotEqual(0, weights[^width]);
    }

    [Theory]
    [InlineData(true, 50)]
    [InlineData(false, 0)]
    public void TheAverageIsThatOfTheWeightsAfterEachRowOfAPassOrOfTheFirstOnesSecondHalf(bool isFirstPass, int begin)
    {
        var (x, scores) = Data(13);
        var y = scores.Select(score => score > 0 ? 1.0 : 0).ToArray();
        var block = Block(x, y);
        var averaged = new LearnerState(0, 0.3, Features, 1, new float[Features]);
        var tail = new AveragingTail(100, isFirstPass);
        ScalarLearner.Learn<LogisticLoss>(block, [.. Enumerable.Range(0, 100)], averaged, ref tail);
        averaged.TakeAverage();

        var followed = new LearnerState(0, 0.3, Features, 1, new float[Features]);
        var sums = new double[Features + 1];
        for (var row = 0; row < 100; row++)
        {
            var none = new AveragingTail(1_000_000, isFirstPass: true);
            ScalarLearner.Learn<LogisticLoss>(block, [row], followed, ref none);
            if (row >= begin)
                for (var i = 0; i <= Features; i++)
                    sums[i] += followed.Cells[i * 4];
        }
        for (var i = 0; i <= Features; i++)
            Assert.Equal(sums[i] / (100 - begin), averaged.Average[i], 1e-5);
    }

    [Fact]
    public void ManyOutputsMoveAsOneWouldEach()
    {
        // Class 0 against the rest of a softmax over 2 = logistic on the difference of scores: half the gradient on each side.
        var (x, scores) = Data(15);
        var y = scores.Select(score => score > 0 ? 1.0 : 0).ToArray();
        var state = new LearnerState(0, 0.2, Features, 2, new float[Features]);
        var tail = new AveragingTail(Rows, isFirstPass: true);
        MulticlassLearner.Learn(Block(x, y), [.. Enumerable.Range(0, Rows)], state, ref tail);
        for (var i = 0; i <= Features; i++)
        {
            Assert.Equal(state.Cells[i * state.Stride], -state.Cells[i * state.Stride + 1], 1e-4);
            Assert.Equal(0, state.Cells[i * state.Stride + 2]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ManyFeaturesOfARowMoveAsTheFormulaMovesEachOfThem(bool isL1)
    {
        // Enough of both kinds that some are stepped four at a time and some alone.
        const int many = 30;
        const double rate = 0.2, penalty = 0.01;
        var random = new Random(9);
        var x = Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, many).Select(k =>
            k % 2 == 0 ? random.NextDouble() < 0.6 ? 1.0 : 0 : random.NextDouble() < 0.7 ? (float)(random.NextDouble() * 2 - 1) : 0).ToArray()).ToArray();
        var y = x.Select(_ => random.NextDouble() < 0.4 ? 1.0 : 0).ToArray();
        var state = new LearnerState(
            0, rate, many, 1, [.. Enumerable.Repeat((float)penalty, many)], regularization: new Regularization(penalty, isL1));
        var tail = new AveragingTail(x.Length, isFirstPass: true);
        ScalarLearner.Learn<LogisticLoss>(Block(x, y), [.. Enumerable.Range(0, x.Length)], state, ref tail);

        var weights = new double[many + 1];
        var squares = Enumerable.Repeat(1.0, many + 1).ToArray();
        for (var row = 0; row < x.Length; row++)
        {
            double[] values = [.. x[row], 1];
            var gradient = 1 / (1 + Math.Exp(-values.Zip(weights, (value, weight) => value * weight).Sum())) - y[row];
            for (var k = 0; k <= many; k++)
            {
                if (values[k] == 0)
                    continue;
                squares[k] += gradient * values[k] * gradient * values[k];
                var step = rate / Math.Sqrt(squares[k]);
                var moved = weights[k] - step * gradient * values[k];
                var pull = k < many ? step * penalty : 0;
                weights[k] = isL1 ? Math.Sign(moved) * Math.Max(0, Math.Abs(moved) - pull) : moved / (1 + pull);
            }
        }
        for (var k = 0; k <= many; k++)
            Assert.Equal(weights[k], state.Cells[k * state.Stride], 1e-4);
    }

    private static (double[][] X, double[] Scores) Data(int seed)
    {
        var random = new Random(seed);
        // Half tokens, half numbers.
        var x = Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, Features).Select(k =>
            k % 2 == 0 ? random.NextDouble() < 0.3 ? 1.0 : 0 : (float)(random.NextDouble() * 2 - 1)).ToArray()).ToArray();
        return (x, [.. x.Select(row => row.Zip(True, (a, b) => a * b).Sum())]);
    }

    private static ExampleBlock Block(double[][] x, double[] y)
    {
        var block = new ExampleBlock();
        for (var row = 0; row < x.Length; row++)
        {
            int[] tokens = [.. Enumerable.Range(0, x[row].Length).Where(k => x[row][k] == 1)];
            int[] numbers = [.. Enumerable.Range(0, x[row].Length).Where(k => x[row][k] is not 0 and not 1)];
            block.Add((float)y[row], 1, tokens, numbers, [.. numbers.Select(k => (float)x[row][k])]);
        }
        return block;
    }

    private static double[] Learn(
        double[][] x, double[] y, ModelType type, int outputs, double rate, int passes, double l1 = 0, double l2 = 0)
    {
        var penalties = Enumerable.Range(0, Features).Select(k =>
            (float)(Math.Max(l1, l2) * Rows / x.Count(row => row[k] != 0))).ToArray();
        var state = new LearnerState(
            0, rate, Features, outputs, penalties, regularization: l1 > 0 ? new Regularization(l1, IsL1: true) : new Regularization(l2, IsL1: false));
        using var store = new ExampleStore(ExampleSpill.Default);
        store.Append(Block(x, y), group: 0);
        var pass = new SgdPass(type, TrainingParameters.Default);
        for (var i = 1; i <= passes; i++)
            pass.Learn([.. store.Blocks(..)], state, i, 0, 1, default, null, CancellationToken.None);
        return [.. state.Average.Select(weight => (double)weight)];
    }

    private static double Logistic(double score, double label) =>
        Math.Max(score, 0) - label * score + Math.Log(1 + Math.Exp(-Math.Abs(score)));

    private static double Squared(double score, double label) => (score - label) * (score - label) / 2;

    private static (double Value, double Slope) Sigmoid(double score)
    {
        var p = 1 / (1 + Math.Exp(-score));
        return (p, p * (1 - p));
    }

    private static double Objective(double[][] x, double[] y, double[] w, double l2, Func<double, double, double> loss) =>
        x.Select((row, i) => loss(Score(row, w), y[i])).Average() + l2 / 2 * w.Take(Features).Sum(weight => weight * weight);

    private static double Score(double[] row, double[] w) => row.Zip(w, (a, b) => a * b).Sum() + w[Features];

    // Newton's method on all rows at once; mean gives the prediction of a score and its derivative.
    private static double[] Newton(double[][] x, double[] y, double l2, Func<double, (double Value, double Slope)> mean)
    {
        const int Size = Features + 1;
        var w = new double[Size];
        for (var step = 0; step < 30; step++)
        {
            var system = new double[Size, Size + 1];
            for (var row = 0; row < x.Length; row++)
            {
                double[] inputs = [.. x[row], 1];
                var (value, slope) = mean(Score(x[row], w));
                for (var i = 0; i < Size; i++)
                {
                    system[i, Size] += (value - y[row]) * inputs[i] / x.Length;
                    for (var j = 0; j < Size; j++)
                        system[i, j] += slope * inputs[i] * inputs[j] / x.Length;
                }
            }
            for (var i = 0; i < Features; i++)
            {
                system[i, i] += l2;
                system[i, Size] += l2 * w[i];
            }
            var delta = Solve(system);
            for (var i = 0; i < Size; i++)
                w[i] -= delta[i];
        }
        return w;
    }

    private static double[] Solve(double[,] system)
    {
        var size = system.GetLength(0);
        for (var i = 0; i < size; i++)
            for (var j = 0; j < size; j++)
            {
                if (j == i)
                    continue;
                var factor = system[j, i] / system[i, i];
                for (var k = i; k <= size; k++)
                    system[j, k] -= factor * system[i, k];
            }
        return [.. Enumerable.Range(0, size).Select(i => system[i, size] / system[i, i])];
    }

    private static double[] ProximalGradient(double[][] x, double[] y, double l1)
    {
        const double Step = 1.5;
        var w = new double[Features + 1];
        for (var iteration = 0; iteration < 100; iteration++)
        {
            var gradient = new double[Features + 1];
            for (var row = 0; row < x.Length; row++)
            {
                var error = (Sigmoid(Score(x[row], w)).Value - y[row]) / x.Length;
                for (var k = 0; k < Features; k++)
                    gradient[k] += error * x[row][k];
                gradient[Features] += error;
            }
            for (var k = 0; k <= Features; k++)
            {
                w[k] -= Step * gradient[k];
                if (k < Features)
                    w[k] = Math.Sign(w[k]) * Math.Max(Math.Abs(w[k]) - Step * l1, 0);
            }
        }
        return w;
    }
}
