using CsCheck;
using MlService.Learning.Statistics;

namespace MlService.Learning.Tests.Statistics;

public class RadixSortTests
{
    private static readonly Gen<double> Awkward = Gen.Frequency(
        (4, Gen.Double[-1e3, 1e3]), (2, Gen.Int[-5, 5].Select(value => (double)value)), (1, Gen.Double.Where(double.IsFinite)),
        (1, Gen.Int[0, 4].Select(i => new[] { 0.0, double.Epsilon, -double.Epsilon, double.MaxValue, double.MinValue }[i])));

    [Fact]
    public void AnyFiniteNumbersComeOutInOrder() =>
        Awkward.Array[0, RadixSort.MostValues + 100].Sample(values =>
        {
            var sorted = values.ToArray();
            RadixSort.Sort(sorted);
            Assert.Equal(values.Order(), sorted);
        }, iter: 300);

    [Fact]
    public void NumbersThatDifferInTheirLastBitsOnlyAndOneThatDoesNotComeOutInOrder() =>
        Gen.Select(Gen.Double[-1e300, 1e300], Gen.Long[0, 1 << 20].Array[200, RadixSort.MostValues]).Sample((other, steps) =>
        {
            double[] values = [other, .. steps.Skip(1).Select(step => BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(1) + step))];
            var sorted = values.ToArray();
            RadixSort.Sort(sorted);
            Assert.Equal(values.Order(), sorted);
        }, iter: 100);
}
