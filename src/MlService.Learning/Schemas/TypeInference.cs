namespace MlService.Learning.Schemas;

/// <summary>Guesses an attribute's type from its sampled values and its name.</summary>
internal static class TypeInference
{
    // A number column may have so many values that are no numbers, as a share, before it counts as text.
    private const double ToleratedStrangers = 0.02;

    // A stray value or two do not make a column another one.
    private const double NearlyAll = 0.98;

    // A column of words for missing values and of numbers is numeric if this share is numbers.
    private const double NumbersBesideMissingMarkers = 0.5;

    // Integers with no more distinct values than this may be codes, if the name says so.
    private const int MostCodes = 50;

    // As the type of a target, integers with no more distinct values than this are classes.
    private const int MostClasses = 20;

    public static AttributeReason Infer(string name, ColumnSample column)
    {
        var (type, reason) = Guess(name, column);
        if (column.Empty > 0 && column.Filled > 0)
            reason += $"; {Percent(column.Empty, column.Count)} empty";
        return new AttributeReason(name, type, reason);
    }

    /// <summary>The type as a target: integers that number classes are categories.</summary>
    public static AttributeReason InferTarget(AttributeReason asInput, ColumnSample column)
    {
        var isClasses = asInput.Type == AttributeType.Numeric && column.Integers == column.Filled
            && column.Distinct is > 2 and <= MostClasses && column.Min is 0 or 1 && column.Max - column.Min < column.Distinct
            && column.Filled >= 5 * column.Distinct;
        return isClasses
            ? asInput with
            {
                Type = AttributeType.Categorical,
                Reason = $"the integers {column.Min} to {column.Max}, read as classes because this is the target; "
                    + "make it NUMERIC if they are quantities",
            }
            : asInput;
    }

    private static (AttributeType Type, string Reason) Guess(string name, ColumnSample column)
    {
        var filled = column.Filled;
        if (filled == 0)
            return (AttributeType.Categorical, "no value was seen; choose the type yourself");
        if (IsBinary(column))
            return (AttributeType.Binary, $"only {Join(column.Literals)}");
        if (column.Numbers == filled)
            return GuessNumber(name, column);
        if (column.Numbers >= filled * (1 - ToleratedStrangers))
            return (AttributeType.Numeric,
                $"{Percent(column.Numbers, filled)} numbers; the others will count as invalid, which is as missing");
        if (column.MissingMarkers > 0 && column.Numbers + column.MissingMarkers == filled
            && column.Numbers >= filled * NumbersBesideMissingMarkers)
            return (AttributeType.Numeric, "numbers, and words for a missing value");
        if (column.Dates + column.DatesInWords >= filled * NearlyAll)
            return (AttributeType.Categorical, ReasonOfDates(column));
        if (column.Numbers + column.DecoratedNumbers >= filled * NearlyAll)
            return (AttributeType.Categorical,
                $"numbers with separators or signs, as in {column.DecoratedExample}, are not read as "
                + "numbers; write them plainly, as in 1234.5, and make this NUMERIC");
        return GuessWords(column);
    }

    private static string ReasonOfDates(ColumnSample column) =>
        column.DatesInWords > 0 ? "dates that name the month, which recipes do not read; write them as in 2026-01-31"
        : column.DatesWithDayFirst > 0 ? "dates with the day first, which recipes do not read with slashes; write them as in 2026-01-31 or 31.1.2026"
        : "dates; a recipe makes inputs of them with month, day_of_week, hour, days and others";

    private static (AttributeType Type, string Reason) GuessNumber(string name, ColumnSample column)
    {
        if (column.Codes > 0 && column.Codes >= column.Filled * 0.02 && !column.Examples.Contains("0"))
            return (AttributeType.Categorical, "digits with zeros or a plus in front: codes, not quantities");
        var range = $"{column.Min} to {column.Max}";
        if (column.Integers < column.Filled)
            return (AttributeType.Numeric, $"numbers from {range}");
        if (column.Distinct == 1)
            return (AttributeType.Numeric, $"always {column.Examples[0]}: it tells a model nothing");
        if (NamesCodes(name) && (column.Distinct <= MostCodes || NamesPlaceCodes(name)) && column.Distinct * 2 <= column.Filled)
            return (AttributeType.Categorical,
                $"{column.Distinct} distinct integers, and the name says that they are codes; "
                + "make it NUMERIC if they are quantities");
        return column.Distinct <= MostClasses
            ? (AttributeType.Numeric,
                $"integers, {column.Distinct} distinct from {range}; make it CATEGORICAL if they are codes without order")
            : (AttributeType.Numeric, $"integers from {range}");
    }

    private static (AttributeType Type, string Reason) GuessWords(ColumnSample column)
    {
        var words = column.WordsPerValue;
        var distinctShare = (double)column.Distinct / column.Filled;
        var isText = column.Distinct >= 3
            && (words > 10
                || (words >= 2.5 && distinctShare > 0.3)
                || (words >= 1.8 && distinctShare > 0.9)
                || (column.MaxWords > 20 && words > 2));
        if (isText)
            return (AttributeType.Text,
                $"{words:0.#} words a value, {Percent(column.Distinct, column.Filled)} of the values distinct");
        if (column.Distinct <= 5)
            return (AttributeType.Categorical, $"{column.Distinct} distinct: {Join(column.Examples)}");
        return distinctShare > 0.9
            ? (AttributeType.Categorical,
                $"{Percent(column.Distinct, column.Filled)} of the values distinct: too many to learn from; "
                + "exclude it if it only names the row")
            : (AttributeType.Categorical, $"{column.Distinct} distinct values");
    }

    // One kind alone (a column of "no") says nothing; and f beside n, or t beside y, are letters with a meaning of their own.
    private static bool IsBinary(ColumnSample column)
    {
        var literals = column.Literals;
        return column.BinaryLiterals == column.Filled
            && literals.Any(literal => literal is "1" or "y" or "yes" or "t" or "true")
            && literals.Any(literal => literal is "0" or "n" or "no" or "f" or "false")
            && !(literals.Contains("f") && literals.Contains("n"))
            && !(literals.Contains("t") && literals.Contains("y"));
    }

    private static bool NamesCodes(string name)
    {
        var lower = name.Trim().ToLowerInvariant();
        string[] endings = ["class", "code", "type", "category", "group", "cluster"];
        return NamesPlaceCodes(name) || endings.Any(ending => lower.EndsWith(ending, StringComparison.Ordinal))
            || RoleInference.NamesIdentifier(name);
    }

    private static bool NamesPlaceCodes(string name) =>
        name.Contains("zip", StringComparison.OrdinalIgnoreCase) || name.Contains("postal", StringComparison.OrdinalIgnoreCase)
        || name.Contains("postcode", StringComparison.OrdinalIgnoreCase);

    private static string Join(IEnumerable<string> values) => string.Join(", ", values);

    private static string Percent(int part, int whole)
    {
        var percent = 100.0 * part / whole;
        return percent is > 0 and < 1 ? "less than 1%" : percent is > 99 and < 100 ? "more than 99%" : $"{percent:0}%";
    }
}
