using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using MlService.Problems;

namespace MlService.Metadata;

/// <summary>Lists the resources of one kind: filters, sorting, pages.</summary>
/// <typeparam name="T">The resource.</typeparam>
/// <param name="kind">Its kind.</param>
/// <param name="fields">Fields that only this kind has; those that all share are added.</param>
public sealed class ResourceList<T>(ResourceKind kind, params ResourceField<T>[] fields) where T : Resource
{
    private const string Status = "status";

    private readonly ResourceField<T>[] _fields =
    [
        new TextField<T>("id", row => row.Id),
        new TextField<T>("name", row => row.Name),
        StatusField(),
        new TimeField<T>("createdAt", row => row.CreatedAt),
        new TimeField<T>("updatedAt", row => row.UpdatedAt),
        new TextField<T>("createdBy", row => row.CreatedBy),
        .. fields,
    ];

    /// <summary>Names of the fields that can be filtered and sorted by.</summary>
    public IEnumerable<string> FieldNames => _fields.Select(known => known.Name);

    /// <summary>Reads a page.</summary>
    /// <exception cref="ProblemException">A field, value, limit or cursor is not one of this list.</exception>
    public async Task<ResourcePage<T>> Read(IQueryable<T> rows, ResourceQuery query, CancellationToken cancellation)
    {
        if (query.Limit is < 1 or > ResourceQuery.MaxLimit)
            throw ResourceProblems.Invalid("limit", $"limit {query.Limit} is out of range: a page has 1 to {ResourceQuery.MaxLimit} items.");

        rows = rows.AsNoTracking();
        foreach (var filter in query.Filters)
            rows = rows.Where(Find(filter.Field, filter.Field).Matches(filter.Comparator, filter.Value));
        if (!query.Filters.Contains(new ResourceFilter(Status, Comparator.Eq, "DELETED")))
            rows = rows.Where(row => row.Status != ResourceStatus.Deleted);

        if (!string.IsNullOrEmpty(query.Text))
            rows = rows.Where(Mentions(query.Text));

        var sort = Find(query.SortBy, "sort");
        if (query.Cursor is not null)
            rows = rows.Where(Behind(ResourceCursor.Read(query.Cursor, query, kind), sort, query.Descending));
        var ordered = sort.Order(rows, query.Descending);
        ordered = query.Descending
            ? ordered.ThenByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id)
            : ordered.ThenBy(row => row.CreatedAt).ThenBy(row => row.Id);

        var items = await ordered.Take(query.Limit + 1).ToListAsync(cancellation);
        if (items.Count <= query.Limit)
            return new ResourcePage<T>(items, null);
        items.RemoveAt(query.Limit);
        var last = items[^1];
        return new ResourcePage<T>(items, new ResourceCursor(sort.ValueOf(last), last.CreatedAt, last.Id).Write(query, kind));
    }

    private ResourceField<T> Find(string name, string member) =>
        Array.Find(_fields, field => field.Name == name)
        ?? throw ResourceProblems.Invalid(member,
            $"{kind.ToCollection()} have no field '{name.Shorten()}' to list by. Known are {string.Join(", ", FieldNames)}.");

    [SuppressMessage("Globalization", "CA1304", Justification = "The expression becomes SQL.")]
    [SuppressMessage("Globalization", "CA1311", Justification = "The expression becomes SQL.")]
    [SuppressMessage("Performance", "CA1862", Justification = "The expression becomes SQL, which has no other way.")]
    private static Expression<Func<T, bool>> Mentions(string text)
    {
        var wanted = text.ToLowerInvariant();
        return row => row.Id.ToLower().Contains(wanted) || (row.Name != null && row.Name.ToLower().Contains(wanted));
    }

    // (sort, createdAt, id) > (v, c, i), spelled out, and led by the bound that an index can use.
    [SuppressMessage("Globalization", "CA1310", Justification = "The expression becomes SQL; the database compares by its binary collation.")]
    private static Expression<Func<T, bool>> Behind(ResourceCursor cursor, ResourceField<T> sort, bool descending)
    {
        var (createdAt, id) = (cursor.CreatedAt, cursor.Id);
        Expression<Func<T, bool>> tie = descending
            ? row => row.CreatedAt < createdAt || (row.CreatedAt == createdAt && row.Id.CompareTo(id) < 0)
            : row => row.CreatedAt > createdAt || (row.CreatedAt == createdAt && row.Id.CompareTo(id) > 0);
        var bound = sort.Matches(descending ? Comparator.Le : Comparator.Ge, cursor.Value);
        var beyond = sort.Matches(descending ? Comparator.Lt : Comparator.Gt, cursor.Value);
        return bound.And(beyond.Or(tie));
    }

    private static ChoiceField<T> StatusField() => new(
        Status, row => row.Status, // stored by name, so it sorts by name
        ("COMPLETED", row => row.Status == ResourceStatus.Completed),
        ("DELETED", row => row.Status == ResourceStatus.Deleted),
        ("FAILED", row => row.Status == ResourceStatus.Failed),
        ("INPROGRESS", row => row.Status == ResourceStatus.InProgress),
        ("PENDING", row => row.Status == ResourceStatus.Pending));
}
