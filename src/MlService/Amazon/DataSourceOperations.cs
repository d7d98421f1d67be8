using MlService.DataSources;

namespace MlService.Amazon;

/// <summary>The operations on datasources.</summary>
internal sealed class DataSourceOperations : ResourceOperations<DataSource, NewDataSource>
{
    private static readonly Dictionary<string, string> FilterFields = new() { ["DataLocationS3"] = "dataLocation" };

    /// <summary>Creates them.</summary>
    public DataSourceOperations(DataSourceCatalog catalog) : base(catalog, FilterFields)
    {
        Creates("CreateDataSourceFromS3", FromS3);
        Creates("CreateDataSourceFromRDS", _ => throw NoDatabase("RDS"));
        Creates("CreateDataSourceFromRedshift", _ => throw NoDatabase("Redshift"));
    }

    /// <inheritdoc/>
    protected override void Show(DataSource row, AmazonCall call, Members shown)
    {
        shown["DataLocationS3"] = row.DataLocation;
        shown["DataRearrangement"] = row.DataRearrangement;
        shown["DataSizeInBytes"] = row.DataSizeInBytes;
        shown["NumberOfFiles"] = row.NumberOfFiles;
        shown["ComputeStatistics"] = row.ComputeStatistics;
        if (!row.ComputeStatistics)
            shown["ComputeTime"] = null;
    }

    /// <inheritdoc/>
    protected override Task ShowWhole(DataSource row, AmazonCall call, Members shown)
    {
        if (call.Input.Flag("Verbose"))
            shown["DataSourceSchema"] = row.Schema;
        return Task.CompletedTask;
    }

    private static NewDataSource FromS3(Members input)
    {
        var data = input.Structure("DataSpec")!;
        var schema = data.Text("DataSchema").OrNull();
        return new NewDataSource
        {
            Id = input.Required("DataSourceId"),
            Name = input.Text("DataSourceName"),
            DataLocation = data.Required("DataLocationS3"),
            Schema = schema,
            SchemaLocation = schema is null ? data.Text("DataSchemaLocationS3") : null,
            DataRearrangement = data.Text("DataRearrangement").OrNull(),
            ComputeStatistics = input.Flag("ComputeStatistics"),
        };
    }

    private static AmazonException NoDatabase(string kind) => new(
        AmazonException.InvalidInput,
        $"No {kind} database is configured at this service. Export the query's rows as CSV to object storage and use CreateDataSourceFromS3.");
}
