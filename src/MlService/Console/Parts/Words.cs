using System.Globalization;
using MlService.Metadata;

namespace MlService.Console.Parts;

/// <summary>Figures, sizes and times as people read them.</summary>
internal static class Words
{
    private static readonly string[] SizeUnits = ["bytes", "kB", "MB", "GB", "TB"];

    /// <summary>A count: 41,188.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun: 1 row, 41,188 rows.</summary>
    public static string Count(long number, string noun) => $"{Count(number)} {noun}{(number == 1 ? "" : "s")}";

    /// <summary>A ratio, an area, a probability: 0.941.</summary>
    public static string Ratio(double? value) => value is { } ratio ? ratio.ToString("0.000", CultureInfo.InvariantCulture) : "–";

    /// <summary>A share as a percentage, exact enough to tell small ones apart: 4.2%, 0.03%.</summary>
    public static string Share(double? share) => share switch
    {
        null => "–",
        0 => "0%",
        < 0.001 => share.Value.ToString("0.000%", CultureInfo.InvariantCulture),
        < 0.01 => share.Value.ToString("0.00%", CultureInfo.InvariantCulture),
        1 => "100%",
        _ => share.Value.ToString("0.0%", CultureInfo.InvariantCulture),
    };

    /// <summary>Any number, in at most five figures: 4963.6, 0.0123, 1.2E+09.</summary>
    public static string Number(double? number) => number switch
    {
        null => "–",
        0 => "0",
        _ when Math.Abs(number.Value) is >= 1e7 or < 1e-3 => number.Value.ToString("0.##e+0", CultureInfo.InvariantCulture),
        _ when Math.Abs(number.Value) >= 1000 => number.Value.ToString("#,0.#", CultureInfo.InvariantCulture),
        _ => number.Value.ToString("G4", CultureInfo.InvariantCulture),
    };

    /// <summary>A size: 4.9 MB.</summary>
    public static string Size(long? bytes)
    {
        if (bytes is not { } number)
            return "–";
        var (value, unit) = ((double)number, 0);
        for (; value >= 1000 && unit < SizeUnits.Length - 1; unit++)
            value /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{(value < 10 && unit > 0 ? value.ToString("0.0", CultureInfo.InvariantCulture) : value.ToString("0", CultureInfo.InvariantCulture))} {SizeUnits[unit]}");
    }

    /// <summary>How long something took: 0.8 s, 3 min 20 s.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0.095 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(time.TotalSeconds, 0.01):0.00} s"),
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
        _ => $"{(int)time.TotalHours} h {time.Minutes} min",
    };

    /// <summary>How long a resource's job took; a dash until it ended.</summary>
    public static string Took(Resource row) => row is { StartedAt: { } start, FinishedAt: { } end } ? Duration(end - start) : "–";

    /// <summary>When something was: just now, 5 min ago, or the date.</summary>
    public static string Ago(DateTime moment, DateTime now) => (now - moment) switch
    {
        { TotalMinutes: < 1 } => "just now",
        { TotalMinutes: < 2 } => "1 minute ago",
        { TotalHours: < 1 } past => $"{(int)past.TotalMinutes} minutes ago",
        { TotalHours: < 2 } => "1 hour ago",
        { TotalDays: < 1 } past => $"{(int)past.TotalHours} hours ago",
        _ => moment.ToString("d MMM yyyy", CultureInfo.InvariantCulture),
    };

    /// <summary>A moment, to the second.</summary>
    public static string Moment(DateTime? moment) =>
        moment is { } time ? time.ToString("d MMM yyyy, HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) : "–";

    /// <summary>What a resource is called: its name, or else its id.</summary>
    public static string Title(Resource row) => string.IsNullOrWhiteSpace(row.Name) ? row.Id : row.Name;

    /// <summary>The title without what default names say of the part of the data; lists show that beside it.</summary>
    public static string ShortTitle(Resource row) =>
        Title(row) is var title && title.IndexOf(" [percentBegin=", StringComparison.Ordinal) is > 0 and var at && title.EndsWith(']') ? title[..at] : title;

    /// <summary>The kind with a capital letter: Batch prediction.</summary>
    public static string Title(ResourceKind kind) => char.ToUpperInvariant(kind.ToWords()[0]) + kind.ToWords()[1..];

    /// <summary>The page of a resource.</summary>
    public static string Page(ResourceKey key) => $"{key.Kind.ToCollection()}/{Uri.EscapeDataString(key.Id)}";
}
