using System.Globalization;
using MlService.Evaluations;

namespace MlService.Amazon;

/// <summary>The operations on evaluations.</summary>
internal sealed class EvaluationOperations : ResourceOperations<Evaluation, NewEvaluation>
{
    private static readonly Dictionary<string, string> FilterFields =
        new() { ["MLModelId"] = "modelId", ["DataSourceId"] = "datasourceId", ["DataURI"] = "dataLocation" };

    /// <summary>Creates them.</summary>
    public EvaluationOperations(EvaluationCatalog catalog) : base(catalog, FilterFields) => Creates("CreateEvaluation", Read);

    /// <inheritdoc/>
    protected override void Show(Evaluation row, AmazonCall call, Members shown)
    {
        shown["MLModelId"] = row.ModelId;
        shown["EvaluationDataSourceId"] = row.DataSourceId;
        shown["InputDataLocationS3"] = row.DataLocation;
        // Clients read the figure without asking whether it is there; where it is undefined, NaN is what their languages parse.
        if (row.MetricName is { } metric)
            shown["PerformanceMetrics"] = new Members
            {
                ["Properties"] = new Dictionary<string, string>
                {
                    [metric] = (row.MetricValue ?? double.NaN).ToString(CultureInfo.InvariantCulture),
                },
            };
    }

    private static NewEvaluation Read(Members input) => new()
    {
        Id = input.Required("EvaluationId"),
        Name = input.Text("EvaluationName"),
        ModelId = input.Required("MLModelId"),
        DataSourceId = input.Required("EvaluationDataSourceId"),
    };
}
