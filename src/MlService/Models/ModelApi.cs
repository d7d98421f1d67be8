using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using MlService.Access;
using MlService.Limits;
using MlService.Metadata;
using MlService.OpenApi;
using MlService.Storage;

namespace MlService.Models;

/// <summary>The REST calls of models.</summary>
internal static class ModelApi
{
    private const string Example = """
        {
          "id": "bank-model", "name": "Will the customer subscribe?", "trainingDatasourceId": "bank-1",
          "parameters": { "sgd.maxPasses": 10, "sgd.l2RegularizationAmount": "1e-6" }, "tags": { "team": "growth" }
        }
        """;

    private const string ShownExample = """
        {
          "id": "bank-model", "name": "Will the customer subscribe?", "status": "PENDING",
          "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z",
          "progress": { "percent": 0, "rows": 0, "rowsPerSecond": 0 }, "tags": { "team": "growth" },
          "type": "BINARY", "trainingDatasourceId": "bank-1", "dataLocation": "s3://samples/banking.csv",
          "parameters": { "sgd.maxPasses": "10", "sgd.l2RegularizationAmount": "1e-6" },
          "endpoint": { "status": "NONE", "peakRequestsPerSecond": 0 }
        }
        """;

    private const string WeightsExample = """
        {
          "type": "BINARY", "measure": "WEIGHT", "features": 63,
          "outputs": [ { "intercept": -3.1, "weights": [ { "name": "poutcome=success", "weight": 1.9, "center": 0 } ] } ]
        }
        """;

    private const string CrossValidationExample = """
        {
          "metric": "BinaryAUC", "mean": 0.931, "deviation": 0.004,
          "folds": [ { "fold": 1, "rows": 5766, "value": 0.934, "loss": 0.213 }, { "fold": 2, "rows": 5765, "value": 0.928, "loss": 0.219 } ]
        }
        """;

    /// <summary>Maps <c>/v1/models</c>.</summary>
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapResource<Model, NewModel, ModelDescription>(ResourceKind.Model, Show);
        group.MapPost("", Create)
            .CheckLimitsInside()
            .WithSummary("Creates one model")
            .WithDescription("A job then trains it. The datasource may still be pending.")
            .WithRequestExample(Example).WithResponseExample(StatusCodes.Status202Accepted, ShownExample);
        group.MapPatch("/{id}", Update)
            .WithSummary("Renames one model or sets its score threshold")
            .WithDescription("The threshold belongs to completed binary models: they answer 1 where the score is at least this.")
            .WithRequestExample("""{ "scoreThreshold": 0.77 }""");
        group.MapGet("/{id}/weights", GetWeights)
            .WithSummary("Reads what the model learned")
            .WithDescription("Each feature by its name, with its weight, or with its importance in a model of trees. `sort` is `magnitude` (the default), `weight`, `-weight` or `name`; "
                + "`limit` goes up to 10,000, 100 by default; of a multiclass model `class` picks one class.")
            .WithResponseExample(StatusCodes.Status200OK, WeightsExample);
        group.MapGet("/{id}/cross-validation", GetCrossValidation)
            .WithSummary("Reads how models like this one do on rows that they have not seen")
            .WithDescription("For a model that was created with the parameter `sgd.folds`, 2 to 10: as many others learned beside it from all rows but one part, "
                + "with its recipe, learning rate and number of passes, and each was judged on its part. The rows are read once.")
            .WithResponseExample(StatusCodes.Status200OK, CrossValidationExample);
        group.MapGet("/{id}/export", Export)
            .WithoutTimeLimit()
            .WithSummary("Downloads the model")
            .WithDescription("`format=native` (the default) is the model file as this service keeps it: versioned, with checksums, never executable. "
                + "`format=onnx` is the model with all that its recipe does to the data, for ONNX Runtime and whatever else runs ONNX; a binary "
                + "model's label follows its score threshold. A recipe that ONNX has no operators for is refused, with the step that is at fault.")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream");
    }

    /// <summary>Shows a model to the client of a request.</summary>
    internal static ModelDescription Show(Tagged<Model> model, HttpRequest request)
    {
        var log = model.Row is { Status: ResourceStatus.Completed, Artifacts: not null }
            ? ObjectLinks.Presigned(request, Artifacts.Uri(model.Row, Artifacts.Log)) ?? SignedLinks.To(request, $"/v1/models/{model.Row.Id}/log")
            : null;
        return new(model, ObjectLinks.Service(request)) { LogUri = log };
    }

    private static async Task<Accepted<ModelDescription>> Create(
        ModelRequest body, HttpRequest request, ModelCatalog catalog, CancellationToken cancellation)
    {
        var created = await catalog.Create(body.ToNew(), cancellation);
        return TypedResults.Accepted($"/v1/models/{created.Row.Id}", Show(created, request));
    }

    private static async Task<Ok<ModelDescription>> Update(
        string id, ModelUpdate body, HttpRequest request, ModelCatalog catalog, CancellationToken cancellation)
    {
        if (body.Name is null && body.ScoreThreshold is null)
            throw ResourceProblems.Invalid("name", "Neither name nor scoreThreshold is given. Pass at least one of them.");
        return TypedResults.Ok(Show(await catalog.Update(id, body.Name, body.ScoreThreshold, cancellation), request));
    }

    private static async Task<Ok<WeightsDescription>> GetWeights(
        string id, int? limit, string? sort, [FromQuery(Name = "class")] string? @class, ModelCatalog catalog, TrainedModels models,
        CancellationToken cancellation)
    {
        var row = (await catalog.Get(id, cancellation)).Row;
        if (row.Status != ResourceStatus.Completed)
            throw ResourceProblems.Conflict($"The model {id} is {row.Status.ToText()}; it has weights once it is COMPLETED.");
        return TypedResults.Ok(WeightsDescription.Of(await models.GetWhole(row), limit, sort, @class));
    }

    private static async Task<Ok<CrossValidationDescription>> GetCrossValidation(
        string id, ModelCatalog catalog, TrainedModels models, CancellationToken cancellation)
    {
        var row = (await catalog.Get(id, cancellation)).Row;
        if (row.Parameters.GetValueOrDefault("sgd.folds", "0") == "0")
            throw ResourceProblems.Conflict($"The model {id} was trained without folds. Create one with the parameter sgd.folds, from 2 to 10.");
        if (row.Status != ResourceStatus.Completed)
            throw ResourceProblems.Conflict($"The model {id} is {row.Status.ToText()}; it is cross-validated once it is COMPLETED.");
        return TypedResults.Ok(CrossValidationDescription.Of(await models.Get(row)));
    }

    private static async Task<FileStreamHttpResult> Export(
        string id, string? format, ModelCatalog catalog, ArtifactReader artifacts, OnnxFile onnx, CancellationToken cancellation)
    {
        const string Bytes = "application/octet-stream";
        return format switch
        {
            null or "native" => TypedResults.Stream(
                await artifacts.Open((await catalog.Get(id, cancellation)).Row, Artifacts.Model, "model file", cancellation), Bytes, $"{id}.model"),
            "onnx" => TypedResults.Stream(await onnx.Create(id, cancellation), Bytes, $"{id}.onnx"),
            _ => throw ResourceProblems.Invalid(
                "format", $"format '{format.Shorten()}' is not one that models can be exported to. Use native or onnx."),
        };
    }
}
