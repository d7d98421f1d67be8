using MlService.Console.Charts;

namespace MlService.Tests.Console;

/// <summary>Which values stand along an axis of the console's charts.</summary>
public sealed class AxisTests
{
    [Theory]
    [InlineData(1, 2, 8, 1, new double[] { 1, 2 })]
    [InlineData(1, 10, 8, 1, new double[] { 2, 4, 6, 8, 10 })]
    [InlineData(1, 4, 8, 1, new double[] { 1, 2, 3, 4 })]
    [InlineData(0, 1, 4, 0, new[] { 0, 0.5, 1 })]
    [InlineData(-3, 8, 4, 0, new double[] { 0, 5 })]
    [InlineData(7, 7, 4, 0, new double[] { 7 })]
    public void TicksAreRoundAndNoCloserThanTheirUnit(double from, double to, int count, double unit, double[] expected)
    {
        var ticks = new Axis(from, to, 0, 100).Ticks(count, unit).ToArray();
        Assert.Equal(expected.Length, ticks.Length);
        Assert.All(expected.Zip(ticks), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }
}
