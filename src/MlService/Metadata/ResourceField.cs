using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq.Expressions;
using MlService.Problems;

namespace MlService.Metadata;

/// <summary>A field by which resources can be filtered and sorted.</summary>
/// <typeparam name="T">The resource.</typeparam>
/// <param name="name">Name of the field in the REST face.</param>
public abstract class ResourceField<T>(string name) where T : Resource
{
    /// <summary>Name of the field in the REST face.</summary>
    public string Name { get; } = name;

    /// <summary>The condition that the field compares so with a value.</summary>
    /// <exception cref="ProblemException">The value is not one of this field's.</exception>
    public abstract Expression<Func<T, bool>> Matches(Comparator comparator, string value);

    /// <summary>Sorts by the field.</summary>
    public abstract IOrderedQueryable<T> Order(IQueryable<T> rows, bool descending);

    /// <summary>The field's value in a form that <see cref="Matches"/> takes; it sorts as the database does.</summary>
    public abstract string ValueOf(T row);

    /// <summary>Refuses a value.</summary>
    protected ProblemException Refuse(string value, string wanted) =>
        ResourceProblems.Invalid(Name, $"{Name} '{value.Shorten()}' cannot be compared: {wanted}.");

    /// <summary>Refuses a comparator.</summary>
    protected ProblemException RefusePrefix() =>
        ResourceProblems.Invalid(Name, $"{Name} has no prefix. Compare it otherwise: equal, less, greater.");
}

/// <summary>Text, compared byte by byte in UTF-8; an absent text is an empty one, in the database's indexes too.</summary>
public sealed class TextField<T>(string name, Expression<Func<T, string?>> column) : ResourceField<T>(name) where T : Resource
{
    private const int MaxValueLength = 2048;

    private readonly Expression<Func<T, string>> _text = column.Then(text => text ?? "");
    private readonly Func<T, string?> _read = column.Compile();

    /// <inheritdoc/>
    [SuppressMessage("Globalization", "CA1310", Justification = "The expression becomes SQL; the database compares by its binary collation.")]
    public override Expression<Func<T, bool>> Matches(Comparator comparator, string value)
    {
        if (value.Length > MaxValueLength)
            throw Refuse(value, $"the value has {value.Length} characters, at most {MaxValueLength} are allowed");
        return comparator switch
        {
            Comparator.Eq => _text.Then(text => text == value),
            Comparator.Ne => _text.Then(text => text != value),
            Comparator.Gt => _text.Then(text => text.CompareTo(value) > 0),
            Comparator.Ge => _text.Then(text => text.CompareTo(value) >= 0),
            Comparator.Lt => _text.Then(text => text.CompareTo(value) < 0),
            Comparator.Le => _text.Then(text => text.CompareTo(value) <= 0),
            Comparator.Prefix => StartsWith(value),
            _ => throw new ArgumentOutOfRangeException(nameof(comparator), comparator, null),
        };
    }

    /// <inheritdoc/>
    public override IOrderedQueryable<T> Order(IQueryable<T> rows, bool descending) =>
        descending ? rows.OrderByDescending(_text) : rows.OrderBy(_text);

    /// <inheritdoc/>
    public override string ValueOf(T row) => _read(row) ?? "";

    // Not LIKE: SQLite's ignores case. U+10FFFF is no character of any text, and sorts behind all that are.
    [SuppressMessage("Globalization", "CA1310", Justification = "The expression becomes SQL; the database compares by its binary collation.")]
    private Expression<Func<T, bool>> StartsWith(string prefix)
    {
        var end = prefix + "\U0010FFFF";
        return _text.Then(text => text.CompareTo(prefix) >= 0 && text.CompareTo(end) < 0);
    }
}

/// <summary>
/// A moment; values are ISO 8601 or seconds since the epoch. What is equal to two of them with a slash between (an interval of ISO 8601)
/// lies between them: from the first on, before the second.
/// </summary>
public sealed class TimeField<T>(string name, Expression<Func<T, DateTime>> column) : ResourceField<T>(name) where T : Resource
{
    private readonly Func<T, DateTime> _read = column.Compile();

    /// <inheritdoc/>
    public override Expression<Func<T, bool>> Matches(Comparator comparator, string value)
    {
        if (comparator is Comparator.Eq or Comparator.Ne && value.Split('/') is [var begin, var end])
        {
            var (from, to) = (Parse(begin), Parse(end));
            return comparator == Comparator.Eq ? column.Then(time => time >= from && time < to) : column.Then(time => time < from || time >= to);
        }
        var moment = Parse(value);
        return comparator switch
        {
            Comparator.Eq => column.Then(time => time == moment),
            Comparator.Ne => column.Then(time => time != moment),
            Comparator.Gt => column.Then(time => time > moment),
            Comparator.Ge => column.Then(time => time >= moment),
            Comparator.Lt => column.Then(time => time < moment),
            Comparator.Le => column.Then(time => time <= moment),
            _ => throw RefusePrefix(),
        };
    }

    /// <inheritdoc/>
    public override IOrderedQueryable<T> Order(IQueryable<T> rows, bool descending) =>
        descending ? rows.OrderByDescending(column) : rows.OrderBy(column);

    /// <inheritdoc/>
    public override string ValueOf(T row) => _read(row).ToString("O", CultureInfo.InvariantCulture);

    private DateTime Parse(string value) => Moment.TryParse(value, out var time)
        ? time
        : throw Refuse(value, "it wants an ISO 8601 time such as 2026-01-31T12:00:00Z, or seconds since 1970");
}

/// <summary>One of a few words, for example the status. Words sort by the alphabet.</summary>
/// <param name="name">Name of the field in the REST face.</param>
/// <param name="order">A column that sorts as the words do.</param>
/// <param name="choices">Each word with the condition that it holds, in alphabetical order.</param>
public sealed class ChoiceField<T>(
    string name, Expression<Func<T, object?>> order, params (string Word, Expression<Func<T, bool>> Holds)[] choices)
    : ResourceField<T>(name) where T : Resource
{
    private readonly (string Word, Func<T, bool> Holds)[] _choices = [.. choices.Select(choice => (choice.Word, choice.Holds.Compile()))];

    /// <inheritdoc/>
    public override Expression<Func<T, bool>> Matches(Comparator comparator, string value)
    {
        if (comparator is Comparator.Eq or Comparator.Ne && !choices.Any(choice => choice.Word == value))
            throw Refuse(value, $"it is one of {string.Join(", ", choices.Select(choice => choice.Word))}");
        var chosen = choices.Where(choice => Compare(choice.Word)).Select(choice => choice.Holds).ToArray();
        return chosen.Length == 0 ? _ => false : chosen.Aggregate((either, or) => either.Or(or));

        bool Compare(string word) => comparator switch
        {
            Comparator.Eq => word == value,
            Comparator.Ne => word != value,
            Comparator.Gt => string.CompareOrdinal(word, value) > 0,
            Comparator.Ge => string.CompareOrdinal(word, value) >= 0,
            Comparator.Lt => string.CompareOrdinal(word, value) < 0,
            Comparator.Le => string.CompareOrdinal(word, value) <= 0,
            Comparator.Prefix => word.StartsWith(value, StringComparison.Ordinal),
            _ => throw new ArgumentOutOfRangeException(nameof(comparator), comparator, null),
        };
    }

    /// <inheritdoc/>
    public override IOrderedQueryable<T> Order(IQueryable<T> rows, bool descending) =>
        descending ? rows.OrderByDescending(order) : rows.OrderBy(order);

    /// <inheritdoc/>
    public override string ValueOf(T row) => _choices.First(choice => choice.Holds(row)).Word;
}
