using Microsoft.EntityFrameworkCore;
using MlService.Access;
using MlService.DataSources;
using MlService.Jobs;
using MlService.Metadata;
using MlService.Models;
using MlService.Storage;

namespace MlService.BatchPredictions;

/// <summary>A request for a batch prediction.</summary>
public sealed record NewBatchPrediction : NewResource
{
    /// <summary>Model to apply.</summary>
    public string? ModelId { get; init; }

    /// <summary>Datasource whose rows are scored.</summary>
    public string? DataSourceId { get; init; }

    /// <summary>Prefix under which the results are written; a slash at its end is added where it is missing.</summary>
    public string? OutputUri { get; init; }
}

/// <summary>What can be done with batch predictions.</summary>
public sealed class BatchPredictionCatalog(
    IDbContextFactory<MetadataContext> contexts, JobClient jobs, CurrentCaller caller, TimeProvider time, ILogger<BatchPredictionCatalog> logger)
    : ResourceCatalog<BatchPrediction, NewBatchPrediction>(ResourceKind.BatchPrediction, Fields, contexts, jobs, caller, time, logger)
{
    private static readonly ResourceList<BatchPrediction> Fields = new(
        ResourceKind.BatchPrediction,
        new TextField<BatchPrediction>("modelId", row => row.ModelId),
        new TextField<BatchPrediction>("datasourceId", row => row.DataSourceId),
        new TextField<BatchPrediction>("dataLocation", row => row.DataLocation));

    /// <inheritdoc/>
    protected override async Task<BatchPrediction> ToRow(
        MetadataContext context, string id, NewBatchPrediction request, CancellationToken cancellation)
    {
        var model = await FindDependency<Model>(context, ResourceKind.Model, request.ModelId, "modelId", cancellation);
        var source = await FindDependency<DataSource>(
            context, ResourceKind.DataSource, request.DataSourceId, "datasourceId", cancellation);
        return new BatchPrediction
        {
            Id = id,
            ModelId = model.Id,
            DataSourceId = source.Id,
            DataLocation = source.DataLocation,
            OutputUri = ReadOutput(request.OutputUri).ToString(),
        };
    }

    private static ObjectUri ReadOutput(string? text)
    {
        const string Field = "outputUri";
        if (string.IsNullOrEmpty(text))
            throw ResourceProblems.Invalid(Field, "outputUri is missing. Name the prefix for the results, for example s3://bucket/results/.");
        var uri = ResourceProblems.Read(Field, text, ObjectUri.Parse);
        if (uri.Bucket == BucketName.Reserved)
            throw ResourceProblems.Invalid(Field, $"outputUri names the bucket {BucketName.Reserved}, which belongs to the service. Choose another.");
        if (!uri.IsPrefix)
            uri = uri with { Key = uri.Key + "/" };
        // Amazon's rule for OutputUri: such keys cannot be told apart, or leave the prefix, in some of the tools that read them.
        foreach (var part in (string[])[":", "//", "/./", "/../"])
            if (("/" + uri.Key).Contains(part, StringComparison.Ordinal))
                throw ResourceProblems.Invalid(Field, $"outputUri '{text.Shorten()}' has '{part}' in its key, which is not allowed. Choose a plain prefix.");
        return uri;
    }
}
