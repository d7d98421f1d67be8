using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.Timeouts;
using MlService.Access;
using MlService.Jobs;
using MlService.OpenApi;
using MlService.Storage;
using MlService.Tags;

namespace MlService.Metadata;

/// <summary>The REST calls that every kind of resource answers alike.</summary>
internal static class ResourceApi
{
    // Proxies give up on silent connections after a minute or more.
    private const int MostSecondsToWait = 50;

    /// <summary>Maps list, read, delete, cancel and tags of one kind under <c>/v1/{collection}</c>.</summary>
    /// <typeparam name="T">The resource.</typeparam>
    /// <typeparam name="TNew">A request to create one.</typeparam>
    /// <typeparam name="TShown">What is shown of one.</typeparam>
    /// <returns>The group, for the calls that only this kind has.</returns>
    public static RouteGroupBuilder MapResource<T, TNew, TShown>(
        this IEndpointRouteBuilder routes, ResourceKind kind, Func<Tagged<T>, HttpRequest, TShown> show)
        where T : Resource
        where TNew : NewResource
    {
        var fields = routes.ServiceProvider.GetRequiredService<ResourceCatalog<T, TNew>>().ListFields;
        var (words, collection) = (kind.ToWords(), kind.ToCollection());
        var group = routes.MapGroup($"/v1/{collection}").WithTags(Title(words));

        group.MapGet("", async (HttpRequest request, ResourceCatalog<T, TNew> catalog, CancellationToken cancellation) =>
            {
                var page = await catalog.List(ListQueryString.Read(request.Query, fields), cancellation);
                return TypedResults.Ok(new ResourcePage<TShown>([.. page.Items.Select(item => show(item, request))], page.NextCursor));
            })
            .CheckLimitsInside()
            .WithSummary($"Lists {words}s")
            .WithDescription("Newest first, unless `sort` says otherwise; `sort=-name` sorts downwards. Deleted ones are left out, unless "
                + "`status=DELETED` is asked for. Each filter may carry a comparator: `name.prefix=bank`, `createdAt.ge=2026-01-31`; the "
                + "comparators are `eq`, `ne`, `gt`, `ge`, `lt`, `le` and `prefix`. Pass `nextCursor` of a page as `cursor` for the next one.")
            .WithMetadata(new ListParameters(fields));

        group.MapGet("/{id}", async (
                string id, int? wait, HttpRequest request, ResourceCatalog<T, TNew> catalog, FinishedJobs finished, CancellationToken cancellation) =>
                TypedResults.Ok(show(await Get(id, wait, request, catalog, finished, cancellation), request)))
            .WithSummary($"Reads one {words}, deleted or not")
            .WithDescription($"With `wait`, in seconds up to {MostSecondsToWait}, it answers once the {words} is completed, failed or deleted, and when that "
                + "time is over as it then stands.");

        group.MapDelete("/{id}", async (string id, HttpRequest request, ResourceCatalog<T, TNew> catalog, CancellationToken cancellation) =>
                TypedResults.Ok(show(await catalog.Delete(id, cancellation), request)))
            .WithSummary($"Deletes one {words}")
            .WithDescription("It stays readable with status `DELETED`, and its id stays taken. A running job stops. Data and results in "
                + "object storage are not touched. Deleting twice is no error.");

        group.MapPost("/{id}/cancel", async (string id, HttpRequest request, ResourceCatalog<T, TNew> catalog, CancellationToken cancellation) =>
                TypedResults.Ok(show(await catalog.Cancel(id, cancellation), request)))
            .WithSummary($"Stops the job of one {words}")
            .WithDescription("The resource becomes `FAILED` with a message that says so. What has finished cannot be cancelled (409).");

        group.MapGet("/{id}/log", async (string id, ResourceCatalog<T, TNew> catalog, IObjectStore objects, CancellationToken cancellation) =>
                TypedResults.Stream(
                    await ResourceLog.Open((await catalog.Get(id, cancellation)).Row, objects, cancellation), "text/plain; charset=utf-8"))
            .WithSummary($"Reads the log of one {words}'s job")
            .WithDescription("Of a completed model the training log; else when the job began and ended, and what it had to say.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");

        MapTags(group, kind, words);
        return group;
    }

    /// <summary>Maps the call that renames a resource.</summary>
    /// <typeparam name="T">The resource.</typeparam>
    /// <typeparam name="TNew">A request to create one.</typeparam>
    /// <typeparam name="TShown">What is shown of one.</typeparam>
    public static void MapRename<T, TNew, TShown>(
        this RouteGroupBuilder group, ResourceKind kind, Func<Tagged<T>, HttpRequest, TShown> show)
        where T : Resource
        where TNew : NewResource =>
        group.MapPatch("/{id}", async (
                string id, RenameRequest body, HttpRequest request, ResourceCatalog<T, TNew> catalog, CancellationToken cancellation) =>
                TypedResults.Ok(show(await catalog.Rename(id, body.RequireName(), cancellation), request)))
            .WithSummary($"Renames one {kind.ToWords()}")
            .WithRequestExample("""{ "name": "Bank marketing, 2026" }""");

    private static Task<Tagged<T>> Get<T, TNew>(
        string id, int? wait, HttpRequest request, ResourceCatalog<T, TNew> catalog, FinishedJobs finished, CancellationToken cancellation)
        where T : Resource
        where TNew : NewResource
    {
        if (wait is null)
            return catalog.Get(id, cancellation);
        if (wait is < 0 or > MostSecondsToWait)
            throw ResourceProblems.Invalid("wait", $"wait is {wait}; it is a number of seconds from 0 to {MostSecondsToWait}. Ask again to wait for longer.");
        // The limit is for calls that take longer than they should.
        request.HttpContext.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        return finished.Await(() => catalog.Get(id, cancellation), resource => resource.Row.IsFinished, TimeSpan.FromSeconds(wait.Value), cancellation);
    }

    private static void MapTags(RouteGroupBuilder group, ResourceKind kind, string words)
    {
        group.MapGet("/{id}/tags", async (string id, TagCatalog tags, CancellationToken cancellation) =>
                TypedResults.Ok(await tags.Get(new ResourceKey(kind, id), cancellation)))
            .WithSummary($"Reads the tags of one {words}");
        group.MapPut("/{id}/tags", async (string id, Dictionary<string, string?> body, TagCatalog tags, CancellationToken cancellation) =>
                TypedResults.Ok(await tags.Put(new ResourceKey(kind, id), body, cancellation)))
            .WithSummary($"Adds tags to one {words}, or gives them new values")
            .WithDescription($"At most {TagRules.MaxTags} tags; keys of 1 to 128 and values of up to 256 letters, digits, blanks and `_ . : / = + - @`; "
                + "keys that begin with `aws:` are reserved. Answers all tags of the resource.")
            .WithRequestExample("""{ "team": "growth", "cost-center": "4711" }""");
        group.MapDelete("/{id}/tags", async (string id, string[] key, TagCatalog tags, CancellationToken cancellation) =>
            {
                if (key.Length == 0)
                    throw ResourceProblems.Invalid("key", "key is missing. Name each tag to remove: ?key=team&key=cost-center.");
                return TypedResults.Ok(await tags.Delete(new ResourceKey(kind, id), key, cancellation));
            })
            .WithSummary($"Removes tags from one {words}")
            .WithDescription("Each `key` in the query names one; a key that is not there is no error. Answers the tags that remain.");
    }

    private static string Title(string words) => $"{char.ToUpperInvariant(words[0])}{words[1..]}s";
}

/// <summary>A new name.</summary>
public sealed record RenameRequest
{
    /// <summary>Name for people, at most 1,024 characters; may be empty.</summary>
    [Required]
    public string? Name { get; init; }

    /// <summary>The name.</summary>
    internal string RequireName() => Name ?? throw ResourceProblems.Invalid("name", "name is missing. Pass the new name, or \"\" for none.");
}
