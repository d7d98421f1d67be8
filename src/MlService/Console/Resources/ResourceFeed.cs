using MlService.Metadata;

namespace MlService.Console.Resources;

/// <summary>
/// Reads on in the lists of several kinds, merged in the order of the query: of each kind one page is at hand, and the next is asked
/// for when that is used up.
/// </summary>
public sealed class ResourceFeed(ResourceBook book, IReadOnlyList<ResourceKind> kinds, ResourceQuery query)
{
    private readonly List<Source> _sources = [.. kinds.Select(kind => new Source(kind))];

    /// <summary>Whether there is more.</summary>
    public bool HasMore => _sources.Exists(source => !source.IsAtEnd);

    /// <summary>The next resources.</summary>
    /// <param name="count">How many, at most.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<Tagged<Resource>>> Next(int count, CancellationToken cancellation)
    {
        List<Tagged<Resource>> next = [];
        while (next.Count < count)
        {
            foreach (var source in _sources.Where(source => source is { Waiting.Count: 0, IsAtEnd: false }))
                await source.Fill(book, query with { Limit = count }, cancellation);
            var first = _sources.Where(source => source.Waiting.Count > 0)
                .MinBy(source => source.Waiting.Peek().Row, Comparer<Resource>.Create(Compare));
            if (first is null)
                break;
            next.Add(first.Waiting.Dequeue());
        }
        return next;
    }

    private int Compare(Resource left, Resource right)
    {
        var order = query.SortBy switch
        {
            "name" => string.CompareOrdinal(left.Name ?? "", right.Name ?? ""),
            "id" => string.CompareOrdinal(left.Id, right.Id),
            "status" => string.CompareOrdinal(left.Status.ToText(), right.Status.ToText()),
            _ => 0,
        };
        if (order == 0)
            order = left.CreatedAt.CompareTo(right.CreatedAt);
        return query.Descending ? -order : order;
    }

    private sealed class Source(ResourceKind kind)
    {
        private string? _cursor;
        private bool _isLast;

        public Queue<Tagged<Resource>> Waiting { get; } = new();

        public bool IsAtEnd => _isLast && Waiting.Count == 0;

        public async Task Fill(ResourceBook book, ResourceQuery query, CancellationToken cancellation)
        {
            var page = await book.List(kind, query with { Cursor = _cursor }, cancellation);
            foreach (var item in page.Items)
                Waiting.Enqueue(item);
            (_cursor, _isLast) = (page.NextCursor, page.NextCursor is null);
        }
    }
}
