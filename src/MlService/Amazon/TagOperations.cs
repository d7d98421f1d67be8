using MlService.Metadata;
using MlService.Tags;

namespace MlService.Amazon;

/// <summary>The operations on tags.</summary>
internal sealed class TagOperations : OperationSet
{
    private readonly TagCatalog _catalog;

    /// <summary>Creates them.</summary>
    public TagOperations(TagCatalog catalog)
    {
        _catalog = catalog;
        Handlers = new Dictionary<string, Func<AmazonCall, Task<Members>>>
        {
            ["AddTags"] = Add,
            ["DeleteTags"] = Delete,
            ["DescribeTags"] = Describe,
        };
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Func<AmazonCall, Task<Members>>> Handlers { get; }

    private async Task<Members> Add(AmazonCall call)
    {
        var tags = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var tag in call.Input.List<Members>("Tags"))
        {
            var key = tag.Text("Key") ?? throw new AmazonException(AmazonException.InvalidTag, "A tag has no Key. Give each tag one.");
            if (!tags.TryAdd(key, tag.Text("Value")))
                throw new AmazonException(AmazonException.InvalidTag, $"The tag key '{key}' is given twice. Give it once.");
        }
        await _catalog.Put(Key(call), tags, call.Cancellation);
        return Named(call);
    }

    private async Task<Members> Delete(AmazonCall call)
    {
        await _catalog.Delete(Key(call), [.. call.Input.List<string>("TagKeys")], call.Cancellation);
        return Named(call);
    }

    private async Task<Members> Describe(AmazonCall call)
    {
        var tags = await _catalog.Get(Key(call), call.Cancellation);
        var answer = Named(call);
        answer["Tags"] = tags.Select(tag => new Members { ["Key"] = tag.Key, ["Value"] = tag.Value }).ToList();
        return answer;
    }

    private static ResourceKey Key(AmazonCall call) => Operation.All["AddTags"].Subject(call.Input)!.Value;

    private static Members Named(AmazonCall call) =>
        new() { ["ResourceId"] = call.Input["ResourceId"], ["ResourceType"] = call.Input["ResourceType"] };
}
