using Microsoft.EntityFrameworkCore;
using MlService.Access;
using MlService.Jobs;
using MlService.Learning.Records;
using MlService.Learning.Schemas;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.DataSources;

/// <summary>What can be done with datasources.</summary>
public sealed class DataSourceCatalog(
    IDbContextFactory<MetadataContext> contexts, JobClient jobs, CurrentCaller caller, TimeProvider time, ILogger<DataSourceCatalog> logger)
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
        if (string.IsNullOrEmpty(request.DataLocation))
            throw ResourceProblems.Invalid("dataLocation", "dataLocation is missing. Name an object, s3://bucket/key, or a prefix that ends with '/'.");
        ResourceProblems.Read("dataLocation", request.DataLocation, ObjectUri.Parse);
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
            DataLocation = request.DataLocation,
            Schema = request.Schema,
            SchemaLocation = request.SchemaLocation,
            DataRearrangement = request.DataRearrangement,
            ComputeStatistics = request.ComputeStatistics,
        });
    }
}
