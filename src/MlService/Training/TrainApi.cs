using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using MlService.Access;
using MlService.DataSources;
using MlService.OpenApi;

namespace MlService.Training;

/// <summary>The REST call that goes the whole way from data to an evaluated model.</summary>
internal static class TrainApi
{
    /// <summary>Maps <c>/v1/train</c>.</summary>
    public static void MapTrain(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/train", Train)
            .WithTags("Train")
            .CheckLimitsInside()
            .WithSummary("Trains and evaluates a model on a file, in one call")
            .WithDescription("Infers the schema unless one is given, creates a datasource of all rows and one for each part of the split "
                + "(by default the first 70 percent to learn from and the last 30 to judge on), a model and an evaluation. Answers their "
                + "ids at once; the jobs run one after the other.")
            .WithRequestExample("""{ "dataLocation": "s3://samples/banking.csv", "target": "y", "split": { "percentEnd": 70, "strategy": "random", "seed": "1" } }""")
            .WithResponseExample(StatusCodes.Status202Accepted, """
                {
                  "datasourceId": "ds-c9xkq2mw4hp7", "trainingDatasourceId": "ds-7tgn3ybz8rfd", "evaluationDatasourceId": "ds-m2vw9khs5pqc",
                  "modelId": "ml-4dzr8xnb6tyj", "evaluationId": "ev-h7pq3wcm9gks"
                }
                """);

    private static async Task<Accepted<TrainedIds>> Train(TrainRequest body, DefaultPath path, CancellationToken cancellation)
    {
        var ids = await path.Start(body, cancellation);
        return TypedResults.Accepted($"/v1/evaluations/{ids.EvaluationId}", ids);
    }
}

/// <summary>What to train on and what to predict.</summary>
public sealed record TrainRequest
{
    /// <summary><c>s3://bucket/key</c> of a CSV file, plain or gzip, or a prefix that ends with <c>/</c> and holds many.</summary>
    [Required]
    public string? DataLocation { get; init; }

    /// <summary>Name of the attribute to predict.</summary>
    [Required]
    public string? Target { get; init; }

    /// <summary>Schema, Amazon's JSON form; inferred by default.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>The rows to learn from, the first 70 percent by default; the others are what the model is judged on.</summary>
    public SplitDescription? Split { get; init; }

    /// <summary>Recipe as a JSON object, or as the text of one; suggested by default.</summary>
    public JsonElement? Recipe { get; init; }

    /// <summary>Training parameters, such as <c>sgd.maxPasses</c>; values are strings or numbers.</summary>
    public Dictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Name that those of all five begin or end with; by default that of the file.</summary>
    public string? Name { get; init; }
}
