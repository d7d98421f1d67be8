namespace MlService.Samples;

/// <summary>One call of the campaign: whom it reached, when, what went before it, and how long it took.</summary>
internal readonly record struct MarketingCall(
    Customer Customer, EconomicPeriod Period, int Euribor, string DayOfWeek, string Contact,
    int Duration, int Campaign, int DaysSincePrevious, int Previous, string PreviousOutcome)
{
    /// <summary>The value of <see cref="DaysSincePrevious"/> for a customer who was never called, or too long ago.</summary>
    public const int Never = 999;

    static readonly string[] Days = ["mon", "tue", "wed", "thu", "fri"];
    static readonly int[] DayWeights = [207, 196, 197, 210, 190];

    /// <summary>Seconds of a call by the share of calls that are shorter: close to log-normal, median three minutes.</summary>
    static readonly PiecewiseLinear DurationQuantiles = new(
        (0, 1), (0.01, 12), (0.05, 37), (0.10, 60), (0.25, 104), (0.50, 181), (0.75, 318), (0.90, 549), (0.95, 748),
        (0.99, 1265), (0.999, 2080), (1, 4300));

    /// <summary>Draws a call.</summary>
    public static MarketingCall Draw(Xoshiro256 random)
    {
        var period = EconomicPeriod.All[random.NextIndex(EconomicPeriod.Weights)];
        var customer = Customer.Draw(random, period.IsSlump);
        var euribor = period.EuriborLow + random.NextInt(period.EuriborHigh - period.EuriborLow + 1);
        var day = Days[random.NextIndex(DayWeights)];
        var contact = random.NextBool(period.Telephone) ? "telephone" : "cellular";
        var duration = (int)DurationQuantiles.At(random.NextDouble());
        var campaign = Count(random, 1, 56, random.NextBool(0.08) ? 0.85 : 0.52);
        var previous = random.NextBool(period.Contacted) ? Count(random, 1, 7, 0.2) : 0;
        var succeeded = random.NextBool(period.IsSlump ? 0.42 : 0.1);
        var outcome = previous == 0 ? "nonexistent" : succeeded ? "success" : "failure";
        var recently = outcome switch { "success" => 0.97, "failure" => 0.05, _ => 0 };
        var days = random.NextBool(recently) ? DrawDays(random) : Never;
        return new(customer, period, euribor, day, contact, duration, campaign, days, previous, outcome);
    }

    /// <summary>A geometric count from <paramref name="least"/> on; each step has the same probability.</summary>
    static int Count(Xoshiro256 random, int least, int most, double further)
    {
        var count = least;
        while (count < most && random.NextBool(further))
            count++;
        return count;
    }

    /// <summary>Campaigns come back after three or six days; the rest spreads over four weeks.</summary>
    static int DrawDays(Xoshiro256 random) => random.NextIndex([30, 28, 42]) switch
    {
        0 => 3,
        1 => 6,
        _ => Math.Min(random.NextInt(16) + random.NextInt(14), 27),
    };
}
