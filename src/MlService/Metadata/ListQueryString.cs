using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace MlService.Metadata;

/// <summary>
/// Reads a list's query string: <c>limit</c>, <c>cursor</c>, <c>sort=field</c> or <c>sort=-field</c>, <c>tag=key</c> or
/// <c>tag=key:value</c>, and filters <c>field=value</c> or <c>field.comparator=value</c>, for example <c>name.prefix=bank</c>.
/// </summary>
internal static class ListQueryString
{
    private static readonly string[] Comparators =
        [.. Enum.GetNames<Comparator>().Select(name => name.ToLowerInvariant())];

    /// <summary>Reads a query string.</summary>
    /// <exception cref="Problems.ProblemException">A parameter is unknown, repeated or malformed.</exception>
    public static ResourceQuery Read(IQueryCollection parameters, IReadOnlyList<string> fields)
    {
        var query = new ResourceQuery();
        List<ResourceFilter> filters = [];
        foreach (var (name, values) in parameters)
        {
            switch (name)
            {
                case "limit":
                    query = query with { Limit = ReadLimit(One(name, values)) };
                    break;
                case "cursor":
                    query = query with { Cursor = One(name, values) };
                    break;
                case "sort":
                    var sort = One(name, values);
                    var isDescending = sort.StartsWith('-');
                    query = query with { SortBy = isDescending ? sort[1..] : sort, Descending = isDescending };
                    break;
                case "tag":
                    query = query with { Tag = One(name, values) };
                    break;
                default:
                    // The same filter twice is two conditions.
                    filters.AddRange(values.Select(value => ReadFilter(name, value ?? "", fields)));
                    break;
            }
        }
        return query with { Filters = filters };
    }

    private static ResourceFilter ReadFilter(string name, string value, IReadOnlyList<string> fields)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var field = dot < 0 ? name : name[..dot];
        var comparator = dot < 0 ? "eq" : name[(dot + 1)..];
        if (!fields.Contains(field))
            throw ResourceProblems.Invalid(name,
                $"There is no query parameter '{name.Shorten()}'. Known are limit, cursor, sort, tag and the filters {string.Join(", ", fields)}, each also with a comparator, as in name.prefix.");
        if (!Comparators.Contains(comparator))
            throw ResourceProblems.Invalid(name,
                $"'{comparator.Shorten()}' in {name.Shorten()} is no comparator. Known are {string.Join(", ", Comparators)}.");
        return new ResourceFilter(field, Enum.Parse<Comparator>(comparator, ignoreCase: true), value);
    }

    private static int ReadLimit(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : throw ResourceProblems.Invalid("limit", $"limit '{text.Shorten()}' is not a number. A page has 1 to {ResourceQuery.MaxLimit} items.");

    private static string One(string name, StringValues values) => values.Count == 1
        ? values[0] ?? ""
        : throw ResourceProblems.Invalid(name, $"{name} is given {values.Count} times. Give it once.");
}
