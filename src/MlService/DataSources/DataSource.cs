using MlService.Metadata;

namespace MlService.DataSources;

/// <summary>CSV objects in storage with a schema, the part of their rows that is meant, and their statistics.</summary>
public sealed class DataSource : Resource
{
    /// <summary>Where the data lies: <c>s3://bucket/key</c>, or a prefix that ends with a slash; that of a query is its staging location's, then its id.</summary>
    public required string DataLocation { get; set; }

    /// <summary>Name of the database that the rows come from; null where they lie in object storage.</summary>
    public string? Database { get; set; }

    /// <summary>Query that gives the rows, if they come from a database.</summary>
    public string? Query { get; set; }

    /// <summary>Prefix under which the rows of the query are kept.</summary>
    public string? StagingLocation { get; set; }

    /// <summary>What a client of another protocol said of the rows' origin and wants to be shown again, as JSON.</summary>
    public string? Origin { get; set; }

    /// <summary>Schema as JSON: as it came with the request, or as the job read or inferred it.</summary>
    public string? Schema { get; set; }

    /// <summary>Where the schema lies, if it was not in the request.</summary>
    public string? SchemaLocation { get; set; }

    /// <summary>Which rows are meant, as Amazon's DataRearrangement JSON, exactly as it was passed; null for all.</summary>
    public string? DataRearrangement { get; set; }

    /// <summary>Whether the data report is computed; training needs it.</summary>
    public bool ComputeStatistics { get; set; }

    /// <summary>Stored bytes of the input objects.</summary>
    public long? DataSizeInBytes { get; set; }

    /// <summary>Number of input objects.</summary>
    public int? NumberOfFiles { get; set; }

    /// <summary>Valid rows of the split; null where no statistics were asked for.</summary>
    public long? Rows { get; set; }

    /// <summary>Rows that could not be read; null where no statistics were asked for.</summary>
    public long? RejectedRows { get; set; }

    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.DataSource;

    /// <inheritdoc/>
    public override IEnumerable<ResourceKey> Dependencies => [];

    /// <inheritdoc/>
    public override IEnumerable<(string Field, string Location)> Locations
    {
        get
        {
            yield return (Database is null ? "dataLocation" : "stagingLocation", DataLocation);
            if (SchemaLocation is { } schema)
                yield return ("schemaLocation", schema);
        }
    }
}
