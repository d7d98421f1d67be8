using MlService.BatchPredictions;

namespace MlService.Amazon;

/// <summary>The operations on batch predictions.</summary>
internal sealed class BatchPredictionOperations : ResourceOperations<BatchPrediction, NewBatchPrediction>
{
    private static readonly Dictionary<string, string> FilterFields =
        new() { ["MLModelId"] = "modelId", ["DataSourceId"] = "datasourceId", ["DataURI"] = "dataLocation" };

    /// <summary>Creates them.</summary>
    public BatchPredictionOperations(BatchPredictionCatalog catalog) : base(catalog, FilterFields) =>
        Creates("CreateBatchPrediction", Read);

    /// <inheritdoc/>
    protected override void Show(BatchPrediction row, AmazonCall call, Members shown)
    {
        shown["MLModelId"] = row.ModelId;
        shown["BatchPredictionDataSourceId"] = row.DataSourceId;
        shown["InputDataLocationS3"] = row.DataLocation;
        shown["OutputUri"] = row.OutputUri;
        shown["TotalRecordCount"] = row.TotalRecordCount;
        shown["InvalidRecordCount"] = row.InvalidRecordCount;
    }

    private static NewBatchPrediction Read(Members input) => new()
    {
        Id = input.Required("BatchPredictionId"),
        Name = input.Text("BatchPredictionName"),
        ModelId = input.Required("MLModelId"),
        DataSourceId = input.Required("BatchPredictionDataSourceId"),
        OutputUri = input.Required("OutputUri"),
    };
}
