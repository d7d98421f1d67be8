using MlService.Metadata;

namespace MlService.Amazon;

/// <summary>What the operations on all kinds of resource have in common.</summary>
/// <typeparam name="T">The resource.</typeparam>
/// <typeparam name="TNew">A request to create one.</typeparam>
internal abstract class ResourceOperations<T, TNew> : OperationSet
    where T : Resource
    where TNew : NewResource
{
    private const int MaxMessageLength = 10_240;

    private readonly ResourceCatalog<T, TNew> _catalog;
    private readonly IReadOnlyDictionary<string, string> _filterFields;
    private readonly Dictionary<string, Func<AmazonCall, Task<Members>>> _handlers;
    private readonly string _kind;

    /// <summary>Creates them.</summary>
    /// <param name="catalog">Does the work.</param>
    /// <param name="filterFields">Fields of the list by the filter variables that only this kind has.</param>
    protected ResourceOperations(ResourceCatalog<T, TNew> catalog, IReadOnlyDictionary<string, string> filterFields)
    {
        _catalog = catalog;
        _filterFields = filterFields;
        _kind = catalog.Kind.ToAmazon();
        IdName = _kind + "Id";
        NameName = _kind + "Name";
        _handlers = new Dictionary<string, Func<AmazonCall, Task<Members>>>(StringComparer.Ordinal)
        {
            [$"Get{_kind}"] = Get,
            [$"Describe{_kind}s"] = Describe,
            [$"Update{_kind}"] = Update,
            [$"Delete{_kind}"] = Delete,
        };
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Func<AmazonCall, Task<Members>>> Handlers => _handlers;

    /// <summary>The member that has the resource's id, for example <c>MLModelId</c>.</summary>
    protected string IdName { get; }

    /// <summary>The member that has its name in requests, for example <c>MLModelName</c>.</summary>
    protected string NameName { get; }

    /// <summary>Adds an operation that creates resources.</summary>
    protected void Creates(string operation, Func<Members, TNew> read) =>
        _handlers.Add(operation, async call => Named((await _catalog.Create(read(call.Input), call.Cancellation)).Row));

    /// <summary>Adds what only this kind shows.</summary>
    protected abstract void Show(T row, AmazonCall call, Members shown);

    /// <summary>Adds what only Get shows.</summary>
    protected virtual Task ShowWhole(T row, AmazonCall call, Members shown) => Task.CompletedTask;

    /// <summary>Carries an update out.</summary>
    protected virtual Task<Tagged<T>> Change(string id, AmazonCall call) => _catalog.Rename(id, call.Input.Text(NameName), call.Cancellation);

    /// <summary>A resource's id as an answer.</summary>
    protected Members Named(T row) => new() { [IdName] = row.Id };

    private async Task<Members> Get(AmazonCall call)
    {
        var row = (await _catalog.Get(call.Input.Required(IdName), call.Cancellation)).Row;
        var shown = Shared(row, call);
        await ShowWhole(row, call, shown);
        shown["LogUri"] = call.Link($"/v1/{_catalog.Kind.ToCollection()}/{row.Id}/log");
        return shown;
    }

    private async Task<Members> Describe(AmazonCall call)
    {
        var page = await _catalog.List(DescribeQuery.Read(call.Input, _filterFields), call.Cancellation);
        return new Members { ["Results"] = page.Items.Select(item => Shared(item.Row, call)).ToList(), ["NextToken"] = page.NextCursor };
    }

    private async Task<Members> Update(AmazonCall call) => Named((await Change(call.Input.Required(IdName), call)).Row);

    private async Task<Members> Delete(AmazonCall call) =>
        Named((await _catalog.Delete(call.Input.Required(IdName), call.Cancellation)).Row);

    private Members Shared(T row, AmazonCall call)
    {
        var shown = new Members
        {
            [IdName] = row.Id,
            ["Name"] = row.Name,
            ["Status"] = row.Status.ToText(),
            ["CreatedByIamUser"] = UserArn.Of(row.CreatedBy),
            ["CreatedAt"] = row.CreatedAt,
            ["LastUpdatedAt"] = row.UpdatedAt,
            ["StartedAt"] = row.StartedAt,
            ["FinishedAt"] = row.FinishedAt,
            ["Message"] = row.Message is null ? null : Cut(AmazonWords.Translate(row.Message, operation: null)),
            ["ComputeTime"] = row.Status == ResourceStatus.Completed ? row.ComputeMilliseconds : null,
        };
        Show(row, call, shown);
        return shown;
    }

    private static string Cut(string message) => message.Length <= MaxMessageLength ? message : message[..MaxMessageLength];
}
