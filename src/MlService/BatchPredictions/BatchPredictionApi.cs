using Microsoft.AspNetCore.Http.HttpResults;
using MlService.Access;
using MlService.Metadata;
using MlService.OpenApi;
using MlService.Storage;

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

    private const string ResultsExample = """
        {
          "results": [ {
            "input": "s3://samples/banking-batch.csv",
            "output": "s3://samples/results/batch-prediction/result/bank-prediction-banking-batch.csv.gz",
            "url": "http://localhost:9000/samples/results/batch-prediction/result/bank-prediction-banking-batch.csv.gz?X-Amz-Expires=3600"
          } ]
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
        group.MapGet("/{id}/results", GetResults)
            .WithSummary("Lists the result files of one batch prediction")
            .WithDescription("One for each input file. `url` downloads it: from object storage without a key for an hour, or from this service.")
            .WithResponseExample(StatusCodes.Status200OK, ResultsExample);
    }

    private static async Task<Ok<BatchResults>> GetResults(
        string id, HttpRequest request, BatchPredictionCatalog catalog, IObjectStore objects, CancellationToken cancellation)
    {
        var row = (await catalog.Get(id, cancellation)).Row;
        if (row.Status != ResourceStatus.Completed)
            throw ResourceProblems.Conflict($"The batch prediction {id} is {row.Status.ToText()}; it has results once it is COMPLETED.");
        var files = await ResultManifest.Read(objects, row, cancellation);
        return TypedResults.Ok(new BatchResults([.. files.Select(file => new BatchResult(file.Input, file.Output.ToString(), Link(file.Output)))]));

        string Link(ObjectUri uri) => ObjectLinks.Presigned(request, uri) ?? SignedLinks.To(request, ObjectLinks.Path(uri));
    }

    private static BatchPredictionDescription Show(Tagged<BatchPrediction> prediction, HttpRequest request) => new(prediction);

    private static async Task<Accepted<BatchPredictionDescription>> Create(
        BatchPredictionRequest body, HttpRequest request, BatchPredictionCatalog catalog, CancellationToken cancellation)
    {
        var created = await catalog.Create(body.ToNew(), cancellation);
        return TypedResults.Accepted($"/v1/batch-predictions/{created.Row.Id}", Show(created, request));
    }
}
