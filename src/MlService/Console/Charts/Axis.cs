using System.Globalization;

namespace MlService.Console.Charts;

/// <summary>Round values along an axis, and where they stand on the drawing.</summary>
/// <param name="From">Value at the beginning of the axis.</param>
/// <param name="To">Value at its end.</param>
/// <param name="Start">Place of the beginning, in the drawing's units.</param>
/// <param name="End">Place of the end.</param>
internal sealed record Axis(double From, double To, double Start, double End)
{
    /// <summary>The place of a value.</summary>
    public double Place(double value) => To == From ? Start : Start + (value - From) / (To - From) * (End - Start);

    /// <summary>The place of a value, as attributes of SVG write it.</summary>
    public string At(double value) => Svg(Place(value));

    /// <summary>About so many values, 1, 2 or 5 times a power of ten apart.</summary>
    /// <param name="count">How many at most, nearly.</param>
    /// <param name="unit">They are no closer than this: 1 where what is between two whole numbers means nothing.</param>
    public IEnumerable<double> Ticks(int count, double unit = 0)
    {
        var least = Math.Max((To - From) / Math.Max(count, 1), unit);
        if (!(least > 0) || !double.IsFinite(least))
            return [From];
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        var step = power * ((least / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        return Enumerable.Range(0, 100).Select(i => (Math.Ceiling(From / step - 1e-9) + i) * step).TakeWhile(tick => tick <= To + step * 1e-9);
    }

    /// <summary>A number as attributes of SVG write it.</summary>
    public static string Svg(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A value beside its tick.</summary>
    public static string Label(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 1e4 => (value / 1e3).ToString("0.#", CultureInfo.InvariantCulture) + "k",
        < 1e-3 => value.ToString("0.#e+0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.####", CultureInfo.InvariantCulture),
    };
}
