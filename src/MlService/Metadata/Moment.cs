using System.Globalization;

namespace MlService.Metadata;

/// <summary>Moments as text: ISO 8601, or seconds since the epoch.</summary>
internal static class Moment
{
    private const decimal EndOfTime = 253_402_300_799;
    private const decimal BeginOfTime = -62_135_596_800;

    /// <summary>Reads a moment, UTC.</summary>
    public static bool TryParse(string text, out DateTime time)
    {
        const NumberStyles Number = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (decimal.TryParse(text, Number, CultureInfo.InvariantCulture, out var seconds) && seconds is >= BeginOfTime and <= EndOfTime)
        {
            time = DateTime.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
            return true;
        }
        time = default;
        return text.Contains('-', StringComparison.Ordinal) && DateTime.TryParse(text, CultureInfo.InvariantCulture, Styles, out time);
    }
}
