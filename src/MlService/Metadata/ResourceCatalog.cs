using Microsoft.EntityFrameworkCore;
using MlService.Access;
using MlService.Jobs;
using MlService.Tags;

namespace MlService.Metadata;

/// <summary>What can be done with the resources of one kind, whichever face asks for it.</summary>
/// <typeparam name="T">The resource.</typeparam>
/// <typeparam name="TNew">A request to create one.</typeparam>
public abstract partial class ResourceCatalog<T, TNew>(
    ResourceKind kind,
    ResourceList<T> list,
    IDbContextFactory<MetadataContext> contexts,
    JobClient jobs,
    CurrentCaller caller,
    TimeProvider time,
    ILogger logger)
    where T : Resource
    where TNew : NewResource
{
    /// <summary>Kind of the resources.</summary>
    public ResourceKind Kind { get; } = kind;

    /// <summary>Fields that lists can be filtered and sorted by.</summary>
    public IReadOnlyList<string> ListFields { get; } = [.. list.FieldNames];

    /// <summary>Who asks.</summary>
    protected Caller Caller => caller.Value;

    /// <summary>Now, as exactly as every database can keep it.</summary>
    protected DateTime Now
    {
        get
        {
            var now = time.GetUtcNow().UtcDateTime;
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        }
    }

    /// <summary>
    /// Creates a resource and nudges its job. The same request with the same id again returns what the first one created.
    /// </summary>
    /// <exception cref="Problems.ProblemException">The request cannot be carried out, or its id is another's.</exception>
    public async Task<Tagged<T>> Create(TNew request, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (request.Id is { } wanted)
        {
            ResourceNaming.CheckId(wanted, "id");
            caller.Value.Require(new ResourceKey(Kind, wanted), "id");
            if (await FindSame(context, wanted, request, cancellation) is { } earlier)
                return earlier;
        }
        var row = await Add(context, request, cancellation);
        try
        {
            await context.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            // The same id may have come twice at once, or the first answer of the store was lost; then the row is there now.
            context.ChangeTracker.Clear();
            if (await FindSame(context, row.Id, request, cancellation) is not { } winner)
                throw;
            return winner;
        }
        await Nudge(row.Id);
        return new Tagged<T>(row, request.Tags ?? new Dictionary<string, string?>());
    }

    /// <summary>Checks a request and adds its row to a context, which the caller saves before it nudges the job.</summary>
    /// <exception cref="Problems.ProblemException">The request cannot be carried out.</exception>
    public async Task<T> Add(MetadataContext context, TNew request, CancellationToken cancellation)
    {
        ResourceNaming.CheckName(request.Name);
        TagRules.Check(request.Tags ?? new Dictionary<string, string?>());
        var id = request.Id ?? ResourceNaming.NewId(Kind);
        var row = await ToRow(context, id, request, cancellation);
        Require(caller.Value, row);
        row.Name = request.Name;
        row.CreatedBy = caller.Value.KeyId;
        row.CreatedAt = row.UpdatedAt = Now;
        row.RequestHash = RequestFingerprint.Of(request);
        context.Add(row);
        foreach (var (key, value) in request.Tags ?? new Dictionary<string, string?>())
            context.Add(new Tag { ResourceKind = Kind, ResourceId = id, Key = key, Value = value });
        return row;
    }

    /// <summary>Tells the job of a new row to look at it now. If it does not hear, the sweeper finds the row.</summary>
    public async Task Nudge(string id)
    {
        try
        {
            await jobs.Nudge(new ResourceKey(Kind, id));
        }
        catch (Exception exception)
        {
            NudgeFailed(logger, exception, Kind, id);
        }
    }

    /// <summary>Stops a job whose row says that it is to stop. If it does not answer in time, it stops nevertheless, a little later.</summary>
    private async Task Stop(string id)
    {
        try
        {
            await jobs.Cancel(new ResourceKey(Kind, id));
        }
        catch (Exception exception)
        {
            NudgeFailed(logger, exception, Kind, id);
        }
    }

    /// <summary>Reads one resource, deleted or not.</summary>
    /// <exception cref="Problems.ProblemException">There is none.</exception>
    public async Task<Tagged<T>> Get(string id, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await Get(context, id, cancellation);
    }

    /// <summary>Lists resources, of those that the caller reaches.</summary>
    /// <exception cref="Problems.ProblemException">The query is not one of this list.</exception>
    public async Task<ResourcePage<Tagged<T>>> List(ResourceQuery query, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var rows = context.Set<T>().Where(caller.Value.Limits.Within<T>(Kind));
        if (!string.IsNullOrEmpty(query.Tag))
            rows = rows.Where(context.HaveTag<T>(Kind, query.Tag));
        var page = await list.Read(rows, query, cancellation);
        return new ResourcePage<Tagged<T>>(await context.WithTags(page.Items, cancellation), page.NextCursor);
    }

    /// <summary>How many resources there are in each status, the deleted left out.</summary>
    public async Task<IReadOnlyDictionary<ResourceStatus, int>> Count(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.Set<T>().Where(row => row.Status != ResourceStatus.Deleted)
            .GroupBy(row => row.Status).Select(group => new { Status = group.Key, Count = group.Count() })
            .ToDictionaryAsync(group => group.Status, group => group.Count, cancellation);
    }

    /// <summary>Gives a resource another name.</summary>
    /// <exception cref="Problems.ProblemException">The name is not one, or the resource is not there or deleted.</exception>
    public async Task<Tagged<T>> Rename(string id, string? name, CancellationToken cancellation)
    {
        ResourceNaming.CheckName(name);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var now = Now;
        var changed = await context.Set<T>().Where(row => row.Id == id && row.Status != ResourceStatus.Deleted)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Name, name).SetProperty(row => row.UpdatedAt, now), cancellation);
        var after = await Get(context, id, cancellation);
        return changed == 1 ? after : throw IsDeleted(id);
    }

    /// <summary>
    /// Deletes a resource for good: its row stays and says so, its id stays taken. A running job stops, and its result, if it
    /// comes nevertheless, is not published. Deleting twice is no error.
    /// </summary>
    /// <exception cref="Problems.ProblemException">There is none, or something keeps it from being deleted.</exception>
    public async Task<Tagged<T>> Delete(string id, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var before = (await Get(context, id, cancellation)).Row;
        if (before.Status == ResourceStatus.Deleted)
            return await Get(context, id, cancellation);
        var now = Now;
        var deleted = await Deletable(context.Set<T>().Where(row => row.Id == id && row.Status != ResourceStatus.Deleted))
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.Status, ResourceStatus.Deleted)
                .SetProperty(row => row.UpdatedAt, now), cancellation);
        var after = await Get(context, id, cancellation);
        if (deleted == 0 && after.Row.Status != ResourceStatus.Deleted)
            throw WhyNotDeletable(after.Row);
        await Stop(id);
        return after;
    }

    /// <summary>Asks a pending or running job to stop; the resource then becomes failed.</summary>
    /// <exception cref="Problems.ProblemException">There is none, or its job has ended.</exception>
    public async Task<Tagged<T>> Cancel(string id, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var now = Now;
        var asked = await context.Set<T>()
            .Where(row => row.Id == id && (row.Status == ResourceStatus.Pending || row.Status == ResourceStatus.InProgress))
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.CancelRequested, true)
                .SetProperty(row => row.UpdatedAt, now), cancellation);
        if (asked == 0)
        {
            var row = (await Get(context, id, cancellation)).Row;
            throw ResourceProblems.Conflict(
                $"The {Kind.ToWords()} {id} is {row.Status.ToText()}; only a pending or running one can be cancelled. Delete it if it is not wanted.");
        }
        await Stop(id);
        return await Get(context, id, cancellation);
    }

    /// <summary>Makes the row that a request asks for; the caller fills in what all resources share.</summary>
    /// <exception cref="Problems.ProblemException">The request cannot be carried out.</exception>
    protected abstract Task<T> ToRow(MetadataContext context, string id, TNew request, CancellationToken cancellation);

    /// <summary>Narrows rows to those that may be deleted.</summary>
    protected virtual IQueryable<T> Deletable(IQueryable<T> rows) => rows;

    /// <summary>Says what keeps a row from being deleted.</summary>
    protected virtual Problems.ProblemException WhyNotDeletable(T row) =>
        ResourceProblems.Conflict($"The {Kind.ToWords()} {row.Id} cannot be deleted now. Try again.");

    /// <summary>Refuses to change what was deleted.</summary>
    protected Problems.ProblemException IsDeleted(string id) =>
        ResourceProblems.Conflict($"The {Kind.ToWords()} {id} was deleted and cannot be changed. Create a new one under another id.");

    /// <summary>Opens the metadata store.</summary>
    protected Task<MetadataContext> Open(CancellationToken cancellation) => contexts.CreateDbContextAsync(cancellation);

    /// <summary>Reads one resource in a context that is open.</summary>
    protected async Task<Tagged<T>> Get(MetadataContext context, string id, CancellationToken cancellation)
    {
        var row = await context.Set<T>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellation)
            ?? throw ResourceProblems.NotFound(new ResourceKey(Kind, id));
        return (await context.WithTags([row], cancellation))[0];
    }

    /// <summary>Reads a resource that a new one is to be built on; it need not be completed yet.</summary>
    /// <exception cref="Problems.ProblemException">There is none, it failed or was deleted, or the caller does not reach it.</exception>
    protected async Task<TOther> FindDependency<TOther>(
        MetadataContext context, ResourceKind kind, string? id, string field, CancellationToken cancellation) where TOther : Resource
    {
        ResourceNaming.CheckId(id, field);
        caller.Value.Require(new ResourceKey(kind, id!), field);
        // FindAsync also sees what was added to this context and is not saved yet.
        var other = await context.Set<TOther>().FindAsync([id], cancellation)
            ?? throw ResourceProblems.Invalid(field, $"{field}: no {kind.ToWords()} with id {id} exists. Create it first; it need not be completed.");
        return other.Status switch
        {
            ResourceStatus.Deleted => throw ResourceProblems.Invalid(field, $"{field}: the {kind.ToWords()} {id} was deleted. Name another."),
            ResourceStatus.Failed => throw ResourceProblems.Invalid(field, $"{field}: the {kind.ToWords()} {id} failed. Name another."),
            _ => other,
        };
    }

    /// <summary>A key with limits must reach what it creates and the data that the job reads and writes.</summary>
    private static void Require(Caller caller, T row)
    {
        caller.Require(row.Key, "id");
        foreach (var (field, location) in row.Locations)
            caller.Require(location, field);
    }

    private static async Task<Tagged<T>?> FindSame(MetadataContext context, string id, TNew request, CancellationToken cancellation)
    {
        var row = await context.Set<T>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellation);
        if (row is null)
            return null;
        return row.Status != ResourceStatus.Deleted && row.RequestHash == RequestFingerprint.Of(request)
            ? (await context.WithTags([row], cancellation))[0]
            : throw ResourceProblems.Taken(row.Key, row.Status == ResourceStatus.Deleted);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The job of {Kind} {Id} did not answer; it will read its row a little later")]
    private static partial void NudgeFailed(ILogger logger, Exception exception, ResourceKind kind, string id);
}
