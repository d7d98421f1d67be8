namespace MlService.Samples;

/// <summary>
/// Whether a call ends in a subscription: a logistic model, additive over columns but bent within them.
/// P(y = 1) = 1 / (1 + e^-z), where z sums an effect of each column and a normal term for all that no column tells.
/// </summary>
internal static class Subscription
{
    /// <summary>Set so that one call in nine succeeds.</summary>
    const double Intercept = -2.45;

    /// <summary>Stretches all effects alike, set so that a good linear model reaches an AUC near 0.94.</summary>
    const double Contrast = 1.45;

    /// <summary>Standard deviation of what no column tells.</summary>
    const double Unobserved = 0.4;

    /// <summary>Nobody subscribes within a minute, and after a quarter of an hour more talk adds little.</summary>
    static readonly PiecewiseLinear Duration = new(
        (0, -6), (60, -4), (100, -2), (180, -0.7), (300, 0.2), (500, 1.2), (750, 2.2), (1000, 2.6), (2000, 2.8));

    static readonly PiecewiseLinear Age = new(
        (17, 1.1), (25, 0.4), (32, 0), (42, -0.3), (52, -0.2), (58, 0.1), (62, 0.9), (75, 1.2));

    /// <summary>Deposits are wanted when money is cheap.</summary>
    static readonly PiecewiseLinear Euribor = new(
        (700, 2.5), (950, 2.3), (1200, 1.7), (1400, 0.9), (3500, 0.3), (4700, 0.1), (5000, 0));

    static readonly PiecewiseLinear Campaign = new((1, 0.25), (2, 0.05), (4, -0.3), (8, -0.9), (20, -1.6));

    static readonly PiecewiseLinear DaysSincePrevious = new((0, 0.7), (7, 0.6), (14, 0.2), (28, 0));

    /// <summary>Draws the outcome of <paramref name="call"/>.</summary>
    public static bool Draw(Xoshiro256 random, in MarketingCall call) =>
        random.NextBool(Logistic(Contrast * Effects(call) + Unobserved * random.NextGaussian()));

    static double Effects(in MarketingCall call) =>
        Intercept + Duration.At(call.Duration) + Age.At(call.Customer.Age) + Euribor.At(call.Euribor) + Campaign.At(call.Campaign)
        + DaysSincePrevious.At(call.DaysSincePrevious) + OfMonth(call.Period.Month) + OfJob(call.Customer.Job)
        + OfEducation(call.Customer.Education)
        + (call.PreviousOutcome == "success" ? 1.5 : call.PreviousOutcome == "failure" ? -0.2 : 0)
        + (call.Contact == "telephone" ? -0.5 : 0)
        + (call.Customer.Default == "unknown" ? -0.5 : 0)
        + (call.Customer.Marital == "single" ? 0.1 : 0)
        + (call.DayOfWeek == "mon" ? -0.15 : call.DayOfWeek == "thu" ? 0.1 : 0);

    static double OfMonth(string month) => month switch
    {
        "mar" => 1.0,
        "apr" => 0.1,
        "may" => -0.7,
        "jun" => 0.3,
        "jul" => 0.2,
        "sep" => 0.2,
        "oct" => 0.4,
        "nov" => -0.3,
        "dec" => 0.4,
        _ => 0,
    };

    static double OfJob(string job) => job switch
    {
        "student" => 0.4,
        "retired" => 0.3,
        "admin." => 0.1,
        "unemployed" => 0.1,
        "services" => -0.15,
        "entrepreneur" => -0.2,
        "blue-collar" => -0.3,
        _ => 0,
    };

    static double OfEducation(string education) => education switch
    {
        "university.degree" => 0.2,
        "unknown" => 0.1,
        "basic.6y" or "basic.9y" => -0.15,
        _ => 0,
    };

    /// <summary>
    /// 1 / (1 + e^-z) with e^x as (1 + x/1024)^1024: a little off, but the same on every platform, which
    /// <see cref="Math.Exp"/> does not promise.
    /// </summary>
    static double Logistic(double z)
    {
        var power = 1 - z / 1024;
        for (var i = 0; i < 10; i++)
            power *= power;
        return 1 / (1 + power);
    }
}
