using MlService.Metadata;

namespace MlService.Evaluations;

/// <summary>What the REST face shows of an evaluation.</summary>
public sealed record EvaluationDescription : ResourceDescription
{
    /// <summary>Shows an evaluation.</summary>
    internal EvaluationDescription(Tagged<Evaluation> evaluation) : base(evaluation.Row, evaluation.Tags)
    {
        var row = evaluation.Row;
        ModelId = row.ModelId;
        DatasourceId = row.DataSourceId;
        DataLocation = row.DataLocation;
        Metric = row.MetricName is null ? null : new MetricDescription(row.MetricName, row.MetricValue);
    }

    /// <summary>Model that is judged.</summary>
    public string ModelId { get; init; }

    /// <summary>Datasource that it is judged on.</summary>
    public string DatasourceId { get; init; }

    /// <summary>Location of the data.</summary>
    public string? DataLocation { get; init; }

    /// <summary>The one figure that sums it up; once completed. The report has all others.</summary>
    public MetricDescription? Metric { get; init; }
}

/// <summary>The one figure that sums an evaluation up.</summary>
/// <param name="Name"><c>BinaryAUC</c>, <c>MulticlassAvgFScore</c> or <c>RegressionRMSE</c>.</param>
/// <param name="Value">Its value; absent where it is not defined, for instance an AUC on rows of one class.</param>
public sealed record MetricDescription(string Name, double? Value);
