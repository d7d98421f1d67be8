using Microsoft.EntityFrameworkCore;
using MlService.Access;
using MlService.Databases;
using MlService.Jobs;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.DataSources;

/// <summary>What can be done with datasources.</summary>
public sealed class DataSourceCatalog(
    IDbContextFactory<MetadataContext> contexts, JobClient jobs, SourceDatabases databases, CurrentCaller caller, TimeProvider time,
    ILogger<DataSourceCatalog> logger)
    : ResourceCatalog<DataSource, NewDataSource>(ResourceKind.DataSource, Fields, contexts, jobs, caller, time, logger)
{
    private const int MaxSchemaLength = 131_071;

    private static readonly ResourceList<DataSource> Fields = new(
        ResourceKind.DataSource,
        new TextField<DataSource>("dataLocation", row => row.DataLocation));

    /// <inheritdoc/>
    protected override Task<DataSource> ToRow(
        MetadataContext context, string id, NewDataSource request, CancellationToken cancellation)
    {
        var data = IsQuery(request) ? CheckQuery(request).Child($"{id}/").ToString() : CheckLocation(request);
        if (request.SchemaLocation is { } location && ResourceProblems.Read("schemaLocation", location, ObjectUri.Parse).IsPrefix)
            throw ResourceProblems.Invalid("schemaLocation", $"schemaLocation '{location.Shorten()}' is a prefix. Name the one object that holds the schema.");
        if (request.Schema is { } schema)
        {
            if (schema.Length > MaxSchemaLength)
                throw ResourceProblems.Invalid("schema", $"schema has {schema.Length} characters; at most {MaxSchemaLength} are allowed.");
            ResourceProblems.Read("schema", schema, DataSchema.Parse);
        }
        if (request.DataRearrangement is { } split)
            ResourceProblems.Read("split", split, DataSplit.Parse);

        return Task.FromResult(new DataSource
        {
            Id = id,
            DataLocation = data,
            Database = request.Database,
            Query = request.Query,
            StagingLocation = request.StagingLocation,
            Origin = request.Origin,
            Schema = request.Schema,
            SchemaLocation = request.SchemaLocation,
            DataRearrangement = request.DataRearrangement,
            ComputeStatistics = request.ComputeStatistics,
        });
    }

    private static bool IsQuery(NewDataSource request) => (request.Database ?? request.Query ?? request.StagingLocation) is not null;

    private static string CheckLocation(NewDataSource request)
    {
        if (string.IsNullOrEmpty(request.DataLocation))
            throw ResourceProblems.Invalid("dataLocation",
                "dataLocation is missing. Name an object, s3://bucket/key, or a prefix that ends with '/', or give database, query and stagingLocation.");
        ResourceProblems.Read("dataLocation", request.DataLocation, ObjectUri.Parse);
        return request.DataLocation;
    }

    /// <summary>Checks what a query needs.</summary>
    /// <returns>The staging location, as a prefix.</returns>
    private ObjectUri CheckQuery(NewDataSource request)
    {
        if (request.DataLocation is not null)
            throw ResourceProblems.Invalid("dataLocation", "dataLocation is given beside a query. Give the one, or the other with its stagingLocation.");
        if (string.IsNullOrEmpty(request.Database))
            throw ResourceProblems.Invalid("database", "database is missing. Name the one that the query is for.");
        if (string.IsNullOrWhiteSpace(request.Query))
            throw ResourceProblems.Invalid("query", "query is missing. Give one SQL query that reads.");
        if (string.IsNullOrEmpty(request.StagingLocation))
            throw ResourceProblems.Invalid("stagingLocation", "stagingLocation is missing. Name a prefix, s3://bucket/prefix/, under which the rows are to be kept.");
        Caller.RequireDatabase(request.Database, "database");
        var database = ResourceProblems.Read("database", request.Database, databases.Find);
        ResourceProblems.Read("query", request.Query, query =>
        {
            database.Check(query);
            return query;
        });
        var staging = ResourceProblems.Read("stagingLocation", request.StagingLocation, ObjectUri.Parse);
        return staging.IsPrefix ? staging : staging with { Key = staging.Key + "/" };
    }
}
