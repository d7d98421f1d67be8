namespace MlService.Learning.Csv;

/// <summary>Why a row cannot be read.</summary>
public enum CsvRowError
{
    /// <summary>The row is fine.</summary>
    None,

    /// <summary>The row is longer than <see cref="CsvReader.MaxRowBytes"/>.</summary>
    TooLong,

    /// <summary>A quoted value has no closing quote before the end of its line.</summary>
    UnclosedQuote,

    /// <summary>Something other than blanks stands between a closing quote and the next delimiter.</summary>
    TextAfterQuote,
}
