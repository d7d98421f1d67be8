using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Access;
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

    private const string ReportExample = """
        {
          "modelType": "BINARY", "rows": 12356, "invalidRows": 0, "positives": 1392, "negatives": 10964,
          "auc": 0.93, "aucInterval": { "low": 0.922, "high": 0.937, "level": 0.95 }, "baselineAuc": 0.5,
          "logLoss": 0.21, "brierScore": 0.063, "expectedCalibrationError": 0.008,
          "reliability": [ { "from": 0.0004, "to": 0.003, "rows": 1236, "meanScore": 0.0018, "trueShare": 0.0016 } ],
          "threshold": 0.77, "truePositives": 250, "falsePositives": 121, "trueNegatives": 10843, "falseNegatives": 1142,
          "accuracy": 0.898, "precision": 0.674, "recall": 0.18, "f1": 0.284, "falsePositiveRate": 0.011, "positiveShare": 0.03, "alerts": []
        }
        """;

    /// <summary>Maps <c>/v1/evaluations</c>.</summary>
    public static void MapEvaluations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapResource<Evaluation, NewEvaluation, EvaluationDescription>(ResourceKind.Evaluation, Show);
        group.MapRename<Evaluation, NewEvaluation, EvaluationDescription>(ResourceKind.Evaluation, Show);
        group.MapPost("", Create)
            .CheckLimitsInside()
            .WithSummary("Creates one evaluation")
            .WithDescription("A job then scores the datasource's rows and compares the answers with the target. Model and datasource may still be pending.")
            .WithRequestExample(Example).WithResponseExample(StatusCodes.Status202Accepted, ShownExample);
        group.MapGet("/{id}/report", GetReport)
            .WithSummary("Reads the evaluation's report")
            .WithDescription("All figures, curves and counts, by the model's type, the headline figure with its 95 percent confidence interval. Of a "
                + "binary model, one of `threshold`, `topShare`, `recall`, `precision` and `falsePositiveRate` in the query moves the threshold: "
                + "`topShare=0.03` to where the best 3 percent are predicted as 1. So do `falsePositiveCost` and `falseNegativeCost` (1 where one is "
                + "left out): to where the errors cost least, and `cost` says how much. All scores are counted, not the curve's points; threshold, "
                + "counts and ratios of the answer are those there.")
            .Produces<object>(StatusCodes.Status200OK, "application/json")
            .WithResponseExample(StatusCodes.Status200OK, ReportExample);
    }

    private static EvaluationDescription Show(Tagged<Evaluation> evaluation, HttpRequest request) => new(evaluation);

    private static async Task<Accepted<EvaluationDescription>> Create(
        EvaluationRequest body, HttpRequest request, EvaluationCatalog catalog, CancellationToken cancellation)
    {
        var created = await catalog.Create(body.ToNew(), cancellation);
        return TypedResults.Accepted($"/v1/evaluations/{created.Row.Id}", Show(created, request));
    }

    private static async Task<Results<FileStreamHttpResult, Ok<JsonObject>>> GetReport(
        string id, [AsParameters] OperatingPoint point, EvaluationCatalog catalog, ArtifactReader artifacts, CancellationToken cancellation)
    {
        var row = (await catalog.Get(id, cancellation)).Row;
        var report = await artifacts.Open(row, Artifacts.Report, "report", cancellation);
        if (!point.IsGiven)
            return TypedResults.Stream(report, "application/json");
        await using (report)
        {
            var figures = (await JsonNode.ParseAsync(report, cancellationToken: cancellation))!.AsObject();
            if ((string?)figures["modelType"] != ModelType.Binary.ToText())
                throw ResourceProblems.Invalid(point.Name,
                    $"{point.Name} is for evaluations of binary models; {id} is one of a {(string?)figures["modelType"]} model. Leave it out.");
            await using var ranking = await artifacts.Open(row, Artifacts.Ranking, "ranking", cancellation);
            point.Apply(ScoreRanking.Read(ranking), figures);
            return TypedResults.Ok(figures);
        }
    }
}
