using MlService.Metadata;

namespace MlService.DataSources;

/// <summary>A request for a datasource.</summary>
public sealed record NewDataSource : NewResource
{
    /// <summary>Where the data lies: an object, or a prefix that ends with a slash.</summary>
    public string? DataLocation { get; init; }

    /// <summary>Schema as JSON text; goes before <see cref="SchemaLocation"/>.</summary>
    public string? Schema { get; init; }

    /// <summary>Object that holds the schema. With neither, the schema beside the data is read, or one is inferred.</summary>
    public string? SchemaLocation { get; init; }

    /// <summary>Which rows are meant, as Amazon's DataRearrangement JSON; null for all.</summary>
    public string? DataRearrangement { get; init; }

    /// <summary>Whether the data report is computed; training needs it.</summary>
    public bool ComputeStatistics { get; init; }
}
