namespace MlService.Metadata;

/// <summary>How a filter compares a field with its value.</summary>
public enum Comparator
{
    /// <summary>Equal.</summary>
    Eq,

    /// <summary>Not equal.</summary>
    Ne,

    /// <summary>Greater.</summary>
    Gt,

    /// <summary>Greater or equal.</summary>
    Ge,

    /// <summary>Less.</summary>
    Lt,

    /// <summary>Less or equal.</summary>
    Le,

    /// <summary>Starts with; text only.</summary>
    Prefix,
}

/// <summary>One condition of a list.</summary>
/// <param name="Field">Name of a field of the resource's list.</param>
/// <param name="Comparator">How to compare.</param>
/// <param name="Value">What to compare with, as text.</param>
public sealed record ResourceFilter(string Field, Comparator Comparator, string Value);

/// <summary>Which resources to list, and in which order; by default all but the deleted, newest first.</summary>
public sealed record ResourceQuery
{
    /// <summary>Largest page, and the default.</summary>
    public const int MaxLimit = 100;

    /// <summary>Conditions; all must hold. Deleted resources are left out unless one of these is <c>status</c> equal to <c>DELETED</c>.</summary>
    public IReadOnlyList<ResourceFilter> Filters { get; init; } = [];

    /// <summary>Text that the name or the id contains, in any case (of A to Z); null for all.</summary>
    public string? Text { get; init; }

    /// <summary>A tag that the resources have, as its key or as <c>key:value</c>; null for all.</summary>
    public string? Tag { get; init; }

    /// <summary>Field to sort by; ties are broken by creation time, then by id, in the same direction.</summary>
    public string SortBy { get; init; } = "createdAt";

    /// <summary>Whether the largest or newest comes first.</summary>
    public bool Descending { get; init; } = true;

    /// <summary>Size of the page, 1 to 100.</summary>
    public int Limit { get; init; } = MaxLimit;

    /// <summary>Where the page before ended; null for the first page.</summary>
    public string? Cursor { get; init; }
}

/// <summary>A part of a list.</summary>
/// <typeparam name="T">Type of an item.</typeparam>
/// <param name="Items">The items, at most as many as asked for.</param>
/// <param name="NextCursor">Asks for the next page; null on the last one.</param>
public sealed record ResourcePage<T>(IReadOnlyList<T> Items, string? NextCursor);
