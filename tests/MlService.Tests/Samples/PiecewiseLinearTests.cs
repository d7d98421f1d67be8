using MlService.Samples;

namespace MlService.Tests.Samples;

public class PiecewiseLinearTests
{
    [Theory]
    [InlineData(-5, 10)]
    [InlineData(0, 10)]
    [InlineData(1, 15)]
    [InlineData(2, 20)]
    [InlineData(5, 5)]
    [InlineData(6, 0)]
    [InlineData(99, 0)]
    public void ConnectsThePointsAndIsConstantBeyondThem(double x, double y) =>
        Assert.Equal(y, new PiecewiseLinear((0, 10), (2, 20), (6, 0)).At(x), 12);
}
