using MlService.Access;

namespace MlService.Tests.Access;

/// <summary>Signed requests that come again.</summary>
public sealed class SeenSignaturesTests
{
    private static readonly DateTime Now = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    private readonly SeenSignatures _seen = new();

    [Theory]
    [InlineData(0, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    [InlineData(20 * 60, false)]
    public void TheSameComesAtMostFiveSecondsLater(int seconds, bool isNew)
    {
        Assert.True(_seen.IsNew(Signature(1), Now));
        Assert.Equal(isNew, _seen.IsNew(Signature(1), Now.AddSeconds(seconds)));
    }

    [Fact]
    public void ACopyDoesNotMakeTheTimeLonger()
    {
        Assert.True(_seen.IsNew(Signature(1), Now));
        Assert.True(_seen.IsNew(Signature(1), Now.AddSeconds(4)));
        Assert.False(_seen.IsNew(Signature(1), Now.AddSeconds(8)));
    }

    [Fact]
    public void OthersAreNew()
    {
        Assert.True(_seen.IsNew(Signature(1), Now));
        Assert.True(_seen.IsNew(Signature(2), Now.AddMinutes(1)));
    }

    /// <summary>Once its time makes a signature useless, there is no need to know it any more.</summary>
    [Fact]
    public void WhatIsTooOldToBeGoodIsForgotten()
    {
        Assert.True(_seen.IsNew(Signature(1), Now));
        Assert.True(_seen.IsNew(Signature(1), Now.AddMinutes(20).AddTicks(1)));
    }

    [Fact]
    public void PastItsCapacityTheOldestIsForgotten()
    {
        for (var number = 0; number <= SeenSignatures.Capacity; number++)
            Assert.True(_seen.IsNew(Signature(number), Now));
        Assert.False(_seen.IsNew(Signature(1), Now.AddMinutes(1)));
        Assert.False(_seen.IsNew(Signature(SeenSignatures.Capacity), Now.AddMinutes(1)));
        Assert.True(_seen.IsNew(Signature(0), Now.AddMinutes(1)));
    }

    private static string Signature(int number) => $"{number:x32}{new string('0', 32)}";
}
