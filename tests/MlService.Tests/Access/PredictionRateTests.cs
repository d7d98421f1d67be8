using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using MlService.Access;
using MlService.Learning;
using MlService.Problems;

namespace MlService.Tests.Access;

public sealed class PredictionRateTests
{
    [Theory]
    [InlineData(1, 600)]
    [InlineData(3, 200)]
    [InlineData(1000, 1)]
    public void ProcessesShareTheRateOfAKeyEvenly(int processes, int share)
    {
        using var rate = Rate(1, 600, () => processes);
        // A token may come while the test counts, at most one a second.
        Assert.InRange(Granted(rate, "a"), share, share + 5);
        Assert.InRange(Granted(rate, "b"), share, share + 5);
    }

    [Fact]
    public void AProcessThatComesOrGoesChangesTheShareAtOnce()
    {
        var processes = 1;
        using var rate = Rate(1, 600, () => processes);
        Assert.InRange(Granted(rate, "a"), 600, 605);
        processes = 2;
        Assert.InRange(Granted(rate, "a"), 300, 305);
    }

    [Fact]
    public void ARefusalSaysWhichSettingRefusesAndWhenToComeAgain()
    {
        using var rate = Rate(1, 2, () => 2);
        Granted(rate, "a");
        var answer = new DefaultHttpContext().Response;
        var error = Assert.Throws<ProblemException>(() => rate.Count("a", answer));
        Assert.Contains("more than 1 predictions a second (Access:PredictionsPerSecond, which 2 processes share evenly)", error.Message, StringComparison.Ordinal);
        Assert.InRange(int.Parse(answer.Headers.RetryAfter!, System.Globalization.CultureInfo.InvariantCulture), 1, 2);
    }

    [Fact]
    public void WithoutALimitNothingIsCountedAndANegativeOneIsNone()
    {
        using var rate = Rate(0, 0, () => throw new InvalidOperationException("It counts."));
        rate.Count("a", new DefaultHttpContext().Response);
        Assert.Throws<InvalidInputException>(() => Rate(-1, 0, () => 1));
        Assert.Throws<InvalidInputException>(() => Rate(1, -1, () => 1));
    }

    private static PredictionRate Rate(int perSecond, int burst, Func<int> processes) =>
        new(Options.Create(new AccessOptions { PredictionsPerSecond = perSecond, PredictionBurst = burst }), processes);

    private static int Granted(PredictionRate rate, string key)
    {
        for (var granted = 0; ; granted++)
        {
            try
            {
                rate.Count(key, new DefaultHttpContext().Response);
            }
            catch (ProblemException)
            {
                return granted;
            }
        }
    }
}
