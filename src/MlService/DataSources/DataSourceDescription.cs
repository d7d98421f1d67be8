using System.Text.Json;
using MlService.Metadata;

namespace MlService.DataSources;

/// <summary>What the REST face shows of a datasource.</summary>
public sealed record DataSourceDescription : ResourceDescription
{
    /// <summary>Shows a datasource.</summary>
    internal DataSourceDescription(Tagged<DataSource> source) : base(source.Row, source.Tags)
    {
        var row = source.Row;
        DataLocation = row.DataLocation;
        (Database, Query, StagingLocation) = (row.Database, row.Query, row.StagingLocation);
        Schema = JsonText.ToElement(row.Schema);
        SchemaLocation = row.SchemaLocation;
        Split = SplitDescription.Of(row.DataRearrangement);
        ComputeStatistics = row.ComputeStatistics;
        DataSizeInBytes = row.DataSizeInBytes;
        NumberOfFiles = row.NumberOfFiles;
        Rows = row.Rows;
        RejectedRows = row.RejectedRows;
    }

    /// <summary>Where the data lies.</summary>
    public string DataLocation { get; init; }

    /// <summary>Name of the database that the rows come from, if they do.</summary>
    public string? Database { get; init; }

    /// <summary>Query that gives the rows.</summary>
    public string? Query { get; init; }

    /// <summary>Prefix under which the rows of the query are kept.</summary>
    public string? StagingLocation { get; init; }

    /// <summary>Schema, Amazon's JSON form; once it is known.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>Object that the schema came from, if the request named one.</summary>
    public string? SchemaLocation { get; init; }

    /// <summary>Which rows are meant; absent for all.</summary>
    public SplitDescription? Split { get; init; }

    /// <summary>Whether the data report is computed.</summary>
    public bool ComputeStatistics { get; init; }

    /// <summary>Stored bytes of the input objects.</summary>
    public long? DataSizeInBytes { get; init; }

    /// <summary>Number of input objects.</summary>
    public int? NumberOfFiles { get; init; }

    /// <summary>Valid rows of the split.</summary>
    public long? Rows { get; init; }

    /// <summary>Rows of the split that could not be read.</summary>
    public long? RejectedRows { get; init; }
}
