using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.HttpResults;
using MlService.Access;
using MlService.Limits;
using MlService.Metadata;
using MlService.Models;
using MlService.OpenApi;
using MlService.Problems;

namespace MlService.Realtime;

/// <summary>The REST calls of real-time prediction.</summary>
public static class RealtimeApi
{
    private const int MaxBodyBytes = 1 << 20;

    private const string RequestExample = """
        { "record": { "age": 44, "job": "blue-collar", "marital": "married", "duration": 210, "poutcome": "nonexistent", "euribor3m": 4.963 } }
        """;

    private const string AnswerExample = """
        {
          "predictedLabel": "0", "predictedScores": { "0": 0.0481 },
          "details": { "predictiveModelType": "BINARY", "algorithm": "SGD" }
        }
        """;

    private const string TrafficExample = """
        {
          "processes": 1, "slotSeconds": 5,
          "lastMinute": {
            "from": "2026-01-31T11:59:00Z", "requests": 7200, "failed": 3, "requestsPerSecond": 120,
            "p50Milliseconds": 0.06, "p90Milliseconds": 0.09, "p99Milliseconds": 0.4
          },
          "slots": [ {
            "from": "2026-01-31T11:45:00Z", "requests": 0, "failed": 0, "requestsPerSecond": 0,
            "p50Milliseconds": null, "p90Milliseconds": null, "p99Milliseconds": null
          } ]
        }
        """;

    /// <summary>Adds what predictions need.</summary>
    public static IServiceCollection AddRealtime(this IServiceCollection services) => services
        .AddSingleton<RealtimeEndpoints>()
        .AddSingleton<ClusterTraffic>()
        .AddGrainService<TrafficCounter>();

    /// <summary>Maps <c>/v1/models/{id}/endpoint</c> and <c>/realtime/{modelId}</c>.</summary>
    public static IEndpointRouteBuilder MapRealtime(this IEndpointRouteBuilder routes)
    {
        var endpoint = routes.MapGroup("/v1/models/{id}/endpoint").WithTags("Models");
        endpoint.MapPut("", Open)
            .WithSummary("Opens the model's real-time endpoint")
            .WithDescription("It is ready when this answers. An endpoint that is open stays as it is.");
        endpoint.MapDelete("", Close)
            .WithSummary("Closes the model's real-time endpoint")
            .WithDescription("Closing a closed one is no error.");
        endpoint.MapGet("/traffic", ReadTraffic)
            .WithSummary("Reads how often and how fast the endpoint was called")
            .WithDescription(
                "The last quarter of an hour in slots of five seconds, and the last minute in one, added up over all processes that answer calls. "
                + "`p50Milliseconds` and so on are times within which that share of the calls ended. The figures live in memory, and begin anew with "
                + "the process or when the endpoint is closed.")
            .WithResponseExample(StatusCodes.Status200OK, TrafficExample);
        // Taken here once: for a parameter that is a service, each request would make and close a scope of services.
        var endpoints = routes.ServiceProvider.GetRequiredService<RealtimeEndpoints>();
        var time = routes.ServiceProvider.GetRequiredService<TimeProvider>();
        routes.MapPost(
                "/realtime/{modelId}", (string modelId, HttpContext context, bool explain = false) => Predict(modelId, context, endpoints, time, explain))
            .WithTags("Real-time predictions")
            .WithSummary("Predicts one record")
            .WithDescription(
                "Values may be text, numbers, true, false or null; an attribute that is left out is missing. A binary model's score is the "
                + "probability of 1, whichever label it leads to. `explain=true` adds each feature's contribution.")
            .WithRequestExample(RequestExample)
            .WithResponseExample(StatusCodes.Status200OK, AnswerExample)
            .Produces<object>(StatusCodes.Status200OK, "application/json")
            .RequireScope(AccessScopes.Predict).WithoutTimeLimit().WithMetadata(new AnsweredAtOnce());
        return routes;
    }

    /// <summary>
    /// Answers predictions; it belongs right behind whatever refuses calls. What comes after that is for other calls, and each part of it
    /// would cost every prediction some time.
    /// </summary>
    public static WebApplication UseRealtime(this WebApplication app)
    {
        app.Use((context, next) => context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<AnsweredAtOnce>() is not null
            ? endpoint.RequestDelegate!(context)
            : next(context));
        return app;
    }

    private static async Task<Ok<EndpointDescription>> Open(
        string id, HttpRequest request, RealtimeEndpoints endpoints, CancellationToken cancellation) =>
        TypedResults.Ok(ModelApi.Show(await endpoints.Open(id, cancellation), request).Endpoint);

    private static async Task<Ok<EndpointDescription>> Close(
        string id, HttpRequest request, RealtimeEndpoints endpoints, CancellationToken cancellation) =>
        TypedResults.Ok(ModelApi.Show(await endpoints.Close(id, cancellation), request).Endpoint);

    private static async Task<Ok<TrafficReport>> ReadTraffic(
        string id, ModelCatalog models, ClusterTraffic traffic, CancellationToken cancellation)
    {
        var model = await models.Get(id, cancellation);
        return TypedResults.Ok(await traffic.Read(model.Row.Id));
    }

    private static async Task Predict(
        string modelId, HttpContext context, RealtimeEndpoints endpoints, TimeProvider time, bool explain)
    {
        var begin = time.GetTimestamp();
        var reader = context.Request.BodyReader;
        // The body comes first, for it may come slowly, and what holds when it is there counts.
        var body = await ReadToEnd(reader, context.RequestAborted);
        try
        {
            var predictor = await endpoints.Find(modelId, time.GetTimestamp(), context.RequestAborted);
            var isAnswered = false;
            try
            {
                predictor.Answer(body, explain, context.Response);
                isAnswered = true;
            }
            finally
            {
                predictor.Traffic.Add(begin, isAnswered);
            }
        }
        finally
        {
            // The connection can serve its next request only when this one's body has been let go of.
            reader.AdvanceTo(body.End);
        }

        // Not flushed here: the answer and its end go out in one piece when this returns.
    }

    private static async ValueTask<ReadOnlySequence<byte>> ReadToEnd(PipeReader reader, CancellationToken cancellation)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellation);
            if (result.Buffer.Length > MaxBodyBytes)
            {
                reader.AdvanceTo(result.Buffer.End);
                throw new ProblemException(ProblemKind.TooLarge, $"The request is larger than {MaxBodyBytes:N0} bytes. Shorten the record's texts.");
            }

            if (result.IsCompleted)
                return result.Buffer;
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>Marks the endpoint of <see cref="UseRealtime"/>.</summary>
    private sealed record AnsweredAtOnce;
}
