using MlService.Metadata;

namespace MlService.Evaluations;

/// <summary>A model judged on a datasource that has the target.</summary>
public sealed class Evaluation : Resource
{
    /// <summary>Model to judge.</summary>
    public required string ModelId { get; set; }

    /// <summary>Datasource to judge it on.</summary>
    public required string DataSourceId { get; set; }

    /// <summary>Location of the data that the model was judged on.</summary>
    public string? DataLocation { get; set; }

    /// <summary><c>BinaryAUC</c>, <c>MulticlassAvgFScore</c> or <c>RegressionRMSE</c>; null until completed.</summary>
    public string? MetricName { get; set; }

    /// <summary>Value of <see cref="MetricName"/>; null until completed, or where it is undefined.</summary>
    public double? MetricValue { get; set; }

    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.Evaluation;

    /// <inheritdoc/>
    public override IEnumerable<ResourceKey> Dependencies =>
        [new(ResourceKind.Model, ModelId), new(ResourceKind.DataSource, DataSourceId)];
}
