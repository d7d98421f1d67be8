namespace MlService.Console.DataSources;

/// <summary>Says what a data report holds.</summary>
internal static class DataReportWords
{
    private static readonly string[] Positives = ["1", "y", "yes", "t", "true"];

    /// <summary>Whether a value of a BINARY attribute is the positive one.</summary>
    public static bool IsPositive(string value) => Positives.Contains(value, StringComparer.OrdinalIgnoreCase);
}
