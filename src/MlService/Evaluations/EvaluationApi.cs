using Microsoft.AspNetCore.Http.HttpResults;
using MlService.Metadata;
using MlService.OpenApi;
using MlService.Storage;

namespace MlService.Evaluations;

/// <summary>The REST calls of evaluations.</summary>
internal static class EvaluationApi
{
    private const string Example = """
        { "id": "bank-evaluation", "name": "On the other 30 percent", "modelId": "bank-model", "datasourceId": "bank-2" }
        """;

    private const string ShownExample = """
        {
          "id": "bank-evaluation", "name": "On the other 30 percent", "status": "COMPLETED",
          "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:04Z",
          "startedAt": "2026-01-31T12:00:03Z", "finishedAt": "2026-01-31T12:00:04Z", "computeTime": 310,
          "progress": { "percent": 100, "rows": 12356, "rowsPerSecond": 812000 }, "tags": {},
          "modelId": "bank-model", "datasourceId": "bank-2", "dataLocation": "s3://samples/banking.csv",
          "metric": { "name": "BinaryAUC", "value": 0.93 }
        }
        """;

    /// <summary>Maps <c>/v1/evaluations</c>.</summary>
    public static void MapEvaluations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapResource<Evaluation, NewEvaluation, EvaluationDescription>(ResourceKind.Evaluation, Show);
        group.MapRename<Evaluation, NewEvaluation, EvaluationDescription>(ResourceKind.Evaluation, Show);
        group.MapPost("", Create)
            .WithSummary("Creates one evaluation")
            .WithDescription("A job then scores the datasource's rows and compares the answers with the target. Model and datasource may still be pending.")
            .WithRequestExample(Example).WithResponseExample(StatusCodes.Status202Accepted, ShownExample);
        group.MapGet("/{id}/report", GetReport)
            .WithSummary("Reads the evaluation's report")
            .WithDescription("All figures, curves and counts, by the model's type.")
            .Produces<object>(StatusCodes.Status200OK, "application/json");
    }

    private static EvaluationDescription Show(Tagged<Evaluation> evaluation, HttpRequest request) => new(evaluation);

    private static async Task<Accepted<EvaluationDescription>> Create(
        EvaluationRequest body, HttpRequest request, EvaluationCatalog catalog, CancellationToken cancellation)
    {
        var created = await catalog.Create(body.ToNew(), cancellation);
        return TypedResults.Accepted($"/v1/evaluations/{created.Row.Id}", Show(created, request));
    }

    private static async Task<FileStreamHttpResult> GetReport(
        string id, EvaluationCatalog catalog, ArtifactReader artifacts, CancellationToken cancellation)
    {
        var row = (await catalog.Get(id, cancellation)).Row;
        return TypedResults.Stream(await artifacts.Open(row, Artifacts.Report, "report", cancellation), "application/json");
    }
}
