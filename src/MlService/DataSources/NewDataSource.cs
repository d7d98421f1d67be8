using MlService.Metadata;

namespace MlService.DataSources;

/// <summary>A request for a datasource.</summary>
public sealed record NewDataSource : NewResource
{
    /// <summary>Where the data lies: an object, or a prefix that ends with a slash; null where it comes from a database.</summary>
    public string? DataLocation { get; init; }

    /// <summary>Name of the database that the rows come from.</summary>
    public string? Database { get; init; }

    /// <summary>Query that gives the rows.</summary>
    public string? Query { get; init; }

    /// <summary>Prefix under which the rows of the query are kept.</summary>
    public string? StagingLocation { get; init; }

    /// <summary>What a client of another protocol says of the rows' origin and wants to be shown again, as JSON.</summary>
    public string? Origin { get; init; }

    /// <summary>Schema as JSON text; goes before <see cref="SchemaLocation"/>.</summary>
    public string? Schema { get; init; }

    /// <summary>Object that holds the schema. With neither, the schema beside the data is read, or one is inferred.</summary>
    public string? SchemaLocation { get; init; }

    /// <summary>Which rows are meant, as Amazon's DataRearrangement JSON; null for all.</summary>
    public string? DataRearrangement { get; init; }

    /// <summary>Whether the data report is computed; training needs it.</summary>
    public bool ComputeStatistics { get; init; }
}
