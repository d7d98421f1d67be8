using Microsoft.AspNetCore.Http.HttpResults;
using MlService.Access;
using MlService.Metadata;
using MlService.OpenApi;

namespace MlService.BatchPredictions;

/// <summary>The REST calls of batch predictions.</summary>
internal static class BatchPredictionApi
{
    private const string Example = """
        {
          "id": "bank-prediction", "name": "Whom to call in May", "modelId": "bank-model",
          "datasourceId": "bank-batch", "outputUri": "s3://samples/results/"
        }
        """;

    private const string ShownExample = """
        {
          "id": "bank-prediction", "name": "Whom to call in May", "status": "COMPLETED",
          "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:02Z",
          "startedAt": "2026-01-31T12:00:01Z", "finishedAt": "2026-01-31T12:00:02Z", "computeTime": 240,
          "progress": { "percent": 100, "rows": 4119, "rowsPerSecond": 640000 }, "tags": {},
          "modelId": "bank-model", "datasourceId": "bank-batch", "dataLocation": "s3://samples/banking-batch.csv",
          "outputUri": "s3://samples/results/", "totalRecordCount": 4119, "invalidRecordCount": 0,
          "manifestUri": "s3://samples/results/batch-prediction/bank-prediction.manifest"
        }
        """;

    /// <summary>Maps <c>/v1/batch-predictions</c>.</summary>
    public static void MapBatchPredictions(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapResource<BatchPrediction, NewBatchPrediction, BatchPredictionDescription>(ResourceKind.BatchPrediction, Show);
        group.MapRename<BatchPrediction, NewBatchPrediction, BatchPredictionDescription>(ResourceKind.BatchPrediction, Show);
        group.MapPost("", Create)
            .CheckLimitsInside()
            .WithSummary("Creates one batch prediction")
            .WithDescription("A job then scores every row and writes gzip files and a manifest under `outputUri`. Model and datasource may still be pending.")
            .WithRequestExample(Example).WithResponseExample(StatusCodes.Status202Accepted, ShownExample);
    }

    private static BatchPredictionDescription Show(Tagged<BatchPrediction> prediction, HttpRequest request) => new(prediction);

    private static async Task<Accepted<BatchPredictionDescription>> Create(
        BatchPredictionRequest body, HttpRequest request, BatchPredictionCatalog catalog, CancellationToken cancellation)
    {
        var created = await catalog.Create(body.ToNew(), cancellation);
        return TypedResults.Accepted($"/v1/batch-predictions/{created.Row.Id}", Show(created, request));
    }
}
