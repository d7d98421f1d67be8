using MlService.Samples;

namespace MlService.Tests.Samples;

public class Xoshiro256Tests
{
    // The vector that the rand_xoshiro crate checks against the authors' C code.
    [Fact]
    public void FollowsTheReferenceSequence()
    {
        var random = new Xoshiro256(1, 2, 3, 4);
        ulong[] expected =
        [
            11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600, 16172922978634559625,
            8476171486693032832, 10595114339597558777, 2904607092377533576,
        ];
        Assert.Equal(expected, expected.Select(_ => random.Next()));
    }

    [Fact]
    public void SplitMix64FollowsTheReferenceSequence()
    {
        var state = 1234567UL;
        ulong[] expected =
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        Assert.Equal(expected, expected.Select(_ => Xoshiro256.SplitMix64(ref state)));
    }

    [Fact]
    public void GaussiansHaveTheMomentsOfTheNormalDistribution()
    {
        var random = new Xoshiro256(5);
        var draws = Enumerable.Range(0, 100_000).Select(_ => random.NextGaussian()).ToArray();
        var mean = draws.Average();
        Assert.InRange(mean, -0.02, 0.02);
        Assert.InRange(draws.Average(draw => (draw - mean) * (draw - mean)), 0.98, 1.02);
        Assert.InRange(draws.Count(draw => Math.Abs(draw) < 1) / 100_000.0, 0.67, 0.70);
    }

    [Fact]
    public void IndicesComeInProportionToTheirWeights()
    {
        var random = new Xoshiro256(6);
        var counts = new int[4];
        for (var i = 0; i < 60_000; i++)
            counts[random.NextIndex([1, 0, 2, 3])]++;
        Assert.InRange(counts[0], 9_500, 10_500);
        Assert.Equal(0, counts[1]);
        Assert.InRange(counts[2], 19_300, 20_700);
        Assert.InRange(counts[3], 29_300, 30_700);
    }

    [Fact]
    public void IntegersFillTheirRangeAndDoNotLeaveIt()
    {
        var random = new Xoshiro256(7);
        var seen = Enumerable.Range(0, 1_000).Select(_ => random.NextInt(7)).ToHashSet();
        Assert.Equal(Enumerable.Range(0, 7), seen.Order());
    }
}
