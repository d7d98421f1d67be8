using MlService.Metadata;

namespace MlService.BatchPredictions;

/// <summary>A model applied to each row of a datasource, with the results in object storage.</summary>
public sealed class BatchPrediction : Resource
{
    /// <summary>Model to apply.</summary>
    public required string ModelId { get; set; }

    /// <summary>Datasource whose rows are scored.</summary>
    public required string DataSourceId { get; set; }

    /// <summary>Prefix under which <c>batch-prediction/</c> is written.</summary>
    public required string OutputUri { get; set; }

    /// <summary>Location of the input data.</summary>
    public string? DataLocation { get; set; }

    /// <summary>Records seen; null until completed.</summary>
    public long? TotalRecordCount { get; set; }

    /// <summary>Records that could not be processed; null until completed.</summary>
    public long? InvalidRecordCount { get; set; }

    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.BatchPrediction;

    /// <inheritdoc/>
    public override IEnumerable<ResourceKey> Dependencies =>
        [new(ResourceKind.Model, ModelId), new(ResourceKind.DataSource, DataSourceId)];

    /// <inheritdoc/>
    public override IEnumerable<(string Field, string Location)> Locations => [("outputUri", OutputUri)];
}
