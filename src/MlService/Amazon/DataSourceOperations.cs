using MlService.Databases;
using MlService.DataSources;
using MlService.Metadata;

namespace MlService.Amazon;

/// <summary>The operations on datasources.</summary>
internal sealed class DataSourceOperations : ResourceOperations<DataSource, NewDataSource>
{
    private static readonly Dictionary<string, string> FilterFields = new() { ["DataLocationS3"] = "dataLocation" };

    private readonly SourceDatabases _databases;

    /// <summary>Creates them.</summary>
    public DataSourceOperations(DataSourceCatalog catalog, SourceDatabases databases) : base(catalog, FilterFields)
    {
        _databases = databases;
        Creates("CreateDataSourceFromS3", FromS3);
        Creates("CreateDataSourceFromRDS", input => FromDatabase(input, "RDSData", "InstanceIdentifier", DatabaseOrigin.OfRds));
        Creates("CreateDataSourceFromRedshift", input => FromDatabase(input, "DataSpec", "ClusterIdentifier", DatabaseOrigin.OfRedshift));
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
        DatabaseOrigin.Show(row, isVerbose: false, shown);
    }

    /// <inheritdoc/>
    protected override Task ShowWhole(DataSource row, AmazonCall call, Members shown)
    {
        if (call.Input.Flag("Verbose"))
        {
            shown["DataSourceSchema"] = row.Schema;
            DatabaseOrigin.Show(row, isVerbose: true, shown);
        }
        return Task.CompletedTask;
    }

    private static NewDataSource FromS3(Members input)
    {
        var data = input.Structure("DataSpec")!;
        return new NewDataSource
        {
            Id = input.Required("DataSourceId"),
            Name = input.Text("DataSourceName"),
            DataLocation = data.Required("DataLocationS3"),
            Schema = data.Text("DataSchema").OrNull(),
            SchemaLocation = data.Text("DataSchemaLocationS3"),
            DataRearrangement = data.Text("DataRearrangement").OrNull(),
            ComputeStatistics = input.Flag("ComputeStatistics"),
        };
    }

    private NewDataSource FromDatabase(Members input, string specification, string identifier, Func<Members, Members, string> origin)
    {
        var data = input.Structure(specification)!;
        return new NewDataSource
        {
            Id = input.Required("DataSourceId"),
            Name = input.Text("DataSourceName"),
            Database = Database(data.Structure("DatabaseInformation")!, identifier),
            Query = data.Required("SelectSqlQuery"),
            StagingLocation = data.Required("S3StagingLocation"),
            Origin = origin(input, data),
            Schema = data.Text("DataSchema").OrNull(),
            SchemaLocation = data.Text("DataSchemaUri"),
            DataRearrangement = data.Text("DataRearrangement").OrNull(),
            ComputeStatistics = input.Flag("ComputeStatistics"),
        };
    }

    /// <summary>The name under which the operator has configured what Amazon's clients know by two names.</summary>
    private string Database(Members database, string identifier)
    {
        var (name, wanted) = (database.Required(identifier), database.Required("DatabaseName"));
        var known = ResourceProblems.Read(identifier, name, _databases.Find).DatabaseName;
        return known == wanted ? name : throw new AmazonException(
            AmazonException.InvalidInput, $"DatabaseName '{wanted}' is not the one that {identifier} {name} is configured for ({known ?? "none"}).");
    }
}
