using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MlService.Access;
using MlService.BatchPredictions;
using MlService.DataSources;
using MlService.Evaluations;
using MlService.Limits;
using MlService.Metadata;
using MlService.Models;
using MlService.OpenApi;
using MlService.Tags;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace MlService.Events;

/// <summary>The REST call that streams changes of resources as server-sent events.</summary>
internal static class EventApi
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Maps <c>/v1/events</c>.</summary>
    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/events", Stream)
            .WithTags("Events")
            .WithoutTimeLimit()
            .CheckLimitsInside()
            .WithSummary("Streams changes of resources as server-sent events")
            .WithDescription("Each event is named `resource`; its data is `{kind, resource}`, where `kind` is a collection such as `models` and "
                + "`resource` is shown as there, without schema and recipe. `kind` and `id` in the query narrow the stream; with an `id`, the "
                + "current state comes first. A client that reads slowly gets the latest state of each resource.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .WithResponseExample(StatusCodes.Status200OK, """
                "event: resource\ndata: {\"kind\":\"models\",\"resource\":{\"id\":\"bank-model\",\"status\":\"INPROGRESS\",\"progress\":{\"phase\":\"training\",\"percent\":42}}}\n\n"
                """);

    private static async Task Stream(
        string? kind,
        string? id,
        HttpContext http,
        CurrentCaller caller,
        ResourceEvents events,
        IDbContextFactory<MetadataContext> contexts,
        IOptions<JsonOptions> json,
        IHostApplicationLifetime lifetime)
    {
        var only = ReadKind(kind);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        // Subscribed before the first look, so nothing that changes in between is missed.
        var limits = caller.Value.Limits;
        using var subscription = events.Subscribe(
            key => (only is null || key.Kind == only) && (id is null || key.Id == id) && limits.Allow(key));
        var first = id is null ? [] : await Find(contexts, only, id, limits, end.Token);
        foreach (var resource in first)
            subscription.Know(resource.Row);

        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        try
        {
            await http.Response.WriteAsync(": listening\n\n", end.Token);
            await Send(http, first, json.Value.SerializerOptions, end.Token);
            while (true)
            {
                var waiting = subscription.Wait(end.Token);
                while (!waiting.IsCompleted)
                {
                    if (await Task.WhenAny(waiting, Task.Delay(KeepAlive, end.Token)) == waiting || end.IsCancellationRequested)
                        break;
                    await http.Response.WriteAsync(": still here\n\n", end.Token);
                    await http.Response.Body.FlushAsync(end.Token);
                }
                await waiting;
                await Send(http, subscription.Take(), json.Value.SerializerOptions, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client has gone, or the service stops: the stream ends here.
        }
    }

    private static async Task Send(
        HttpContext http, IReadOnlyList<Tagged<Resource>> resources, JsonSerializerOptions json, CancellationToken cancellation)
    {
        var baseAddress = $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}";
        foreach (var resource in resources)
        {
            var data = JsonSerializer.Serialize(
                new ResourceEvent(resource.Row.Kind.ToCollection(), Summarize(resource, baseAddress)), json);
            await http.Response.WriteAsync($"event: resource\ndata: {data}\n\n", cancellation);
        }
        await http.Response.Body.FlushAsync(cancellation);
    }

    private static ResourceDescription Summarize(Tagged<Resource> resource, string baseAddress) => resource.Row switch
    {
        DataSource row => new DataSourceDescription(new(row, resource.Tags)) { Schema = null },
        Model row => new ModelDescription(new(row, resource.Tags), baseAddress) { Recipe = null },
        Evaluation row => new EvaluationDescription(new(row, resource.Tags)),
        BatchPrediction row => new BatchPredictionDescription(new(row, resource.Tags)),
        _ => throw new InvalidOperationException($"{resource.Row.Key} is of no known kind."),
    };

    private static async Task<IReadOnlyList<Tagged<Resource>>> Find(
        IDbContextFactory<MetadataContext> contexts, ResourceKind? only, string id, ResourceLimits limits, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        List<Tagged<Resource>> found = [];
        foreach (var kind in Enum.GetValues<ResourceKind>().Where(kind => (only is null || kind == only) && limits.Allow(new(kind, id))))
        {
            var rows = await context.Resources(kind).AsNoTracking().Where(row => row.Id == id).ToListAsync(cancellation);
            found.AddRange(await context.WithTags(rows, cancellation));
        }
        return found.Count > 0
            ? found
            : throw ResourceProblems.NotFound(new ResourceKey(only ?? ResourceKind.DataSource, id));
    }

    private static ResourceKind? ReadKind(string? kind)
    {
        if (kind is null)
            return null;
        foreach (var known in Enum.GetValues<ResourceKind>())
            if (known.ToCollection() == kind)
                return known;
        var all = string.Join(", ", Enum.GetValues<ResourceKind>().Select(known => known.ToCollection()));
        throw ResourceProblems.Invalid("kind", $"kind '{kind.Shorten()}' is none of {all}.");
    }
}

/// <summary>A change of a resource.</summary>
/// <param name="Kind">Its collection, for example <c>models</c>.</param>
/// <param name="Resource">The resource as its collection shows it, without schema and recipe.</param>
internal sealed record ResourceEvent(string Kind, object Resource);
