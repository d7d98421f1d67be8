namespace MlService.Learning.Statistics;

/// <summary>Finds in a report what deserves a look before a model is trained, and says it in words.</summary>
internal static class DataWarnings
{
    private const double NearlyAll = 0.95, ManyInvalid = 0.05, Leaking = 0.95, RareShare = 0.001;
    private const int RareRows = 10, LeastRowsForIds = 50;

    /// <summary>Warnings about one attribute.</summary>
    public static IReadOnlyList<string> Of(AttributeReport attribute, long rows)
    {
        var warnings = new List<string>();
        if (rows == 0 || attribute.Role == "EXCLUDED")
            return warnings;
        if (attribute.Count == 0)
            warnings.Add("No row has a valid value.");
        else if (attribute.Distinct == 1 && attribute.Type != "TEXT" && attribute.Missing + attribute.Invalid == 0)
            warnings.Add("Every row has the same value: nothing can be learned from it.");
        else if (attribute.MissingShare > NearlyAll)
            warnings.Add($"{Percent(attribute.MissingShare)} of the rows have no value.");
        else if (attribute.Type is "CATEGORICAL" or "TEXT" && (double)attribute.Empty / rows > NearlyAll)
            warnings.Add($"{Percent((double)attribute.Empty / rows)} of the rows are empty.");
        if (attribute.InvalidShare > ManyInvalid && attribute.Count > 0)
            warnings.Add($"{Percent(attribute.InvalidShare)} of the rows have a value that is not {attribute.Type}: is the type right?");
        if (attribute.Role == "INPUT")
        {
            if (attribute.Correlation > Leaking)
                warnings.Add("It alone nearly gives the target away. Is it known before the target is (no leakage)?");
            if (rows >= LeastRowsForIds && LooksLikeRowId(attribute, rows))
                warnings.Add("Nearly every row has a value of its own, as a row identifier has: consider it as rowId, or exclude it.");
        }
        if (attribute.Role == "ROW_ID" && attribute.DistinctExact && attribute.Count > attribute.Distinct)
            warnings.Add("Some rows share their row id.");
        return warnings;
    }

    /// <summary>Warnings about the data, then those of the attributes under their names.</summary>
    public static IReadOnlyList<string> Of(DataReport report)
    {
        var warnings = new List<string>();
        if (report.Rows == 0)
            warnings.Add("There are no rows.");
        if (report.RejectedRows > 0)
            warnings.Add($"{Rows(report.RejectedRows)} could not be read.");
        if (report.DuplicateRows > 0)
        {
            warnings.Add($"{(report.DuplicateRowsExact ? "" : "About ")}{Rows(report.DuplicateRows)} {(report.DuplicateRows == 1 ? "repeats" : "repeat")} another one: "
                + "a random split may put the same row into training and evaluation.");
        }
        if (report.Target is { } target && report.Rows > 0)
            AddTarget(target, warnings);
        foreach (var attribute in report.Attributes)
            warnings.AddRange(attribute.Warnings.Select(warning => $"{attribute.Name}: {warning}"));
        return warnings;
    }

    private static void AddTarget(TargetReport target, List<string> warnings)
    {
        if (target.Unusable > 0)
            warnings.Add($"{target.Unusable} rows have no usable target; training leaves them out.");
        if (target.HasTooManyClasses)
        {
            warnings.Add($"The target has more than {DataStatistics.MaxTargetClasses} classes: no model can be trained. "
                + "Merge rare ones, or make it NUMERIC.");
            return;
        }
        if (target.ModelType == "REGRESSION")
            return;
        if (target.Classes.Count == 1)
            warnings.Add($"The target is always \"{target.Classes[0].Value}\": there is nothing to learn.");
        var rare = target.Classes.Where(value => value.Count < RareRows || value.Count < RareShare * target.Count).ToList();
        if (rare.Count > 0 && target.Classes.Count > 1)
        {
            warnings.Add("Very rare classes, hard to learn and to evaluate: "
                + string.Join(", ", rare.Take(5).Select(value => $"\"{value.Value}\" ({value.Count} rows)"))
                + (rare.Count > 5 ? $" and {rare.Count - 5} more." : "."));
        }
    }

    private static bool LooksLikeRowId(AttributeReport attribute, long rows) => attribute.Type switch
    {
        "CATEGORICAL" => attribute.Distinct >= 0.98 * rows,
        // Measurements may all differ; whole numbers in one unbroken run are counted up.
        "NUMERIC" => attribute.Count == rows && attribute.Distinct >= 0.98 * rows && attribute.Numbers is { } numbers
            && numbers.Min == Math.Floor(numbers.Min) && numbers.Max - numbers.Min + 1 <= 1.02 * rows
            && numbers.Median * 2 == Math.Floor(numbers.Median * 2),
        _ => false,
    };

    private static string Percent(double share) =>
        share.ToString(share > 0.999 && share < 1 ? "0.00%" : "0.#%", System.Globalization.CultureInfo.InvariantCulture);

    private static string Rows(long count) => count == 1 ? "1 row" : $"{count} rows";
}
