namespace MlService.Learning.Csv;

/// <summary>Words for <see cref="CsvRowError"/>.</summary>
internal static class CsvRowErrors
{
    public static string Describe(CsvRowError error) => error switch
    {
        CsvRowError.None => "nothing is wrong",
        CsvRowError.TooLong => $"the row is longer than {CsvReader.MaxRowBytes} bytes; shorten its values",
        CsvRowError.UnclosedQuote =>
            "a quoted value is not closed in its line; close it, write quotes inside it twice, and replace line breaks in values",
        _ => "text follows a closing quote; write a quote inside a quoted value twice",
    };
}
