using System.Globalization;
using MlService.Metadata;

namespace MlService.Amazon;

/// <summary>
/// Reads what the Describe operations have in common: a variable with comparators, all of which must hold, an order and a page.
/// Without <c>SortOrder</c> the newest come first.
/// </summary>
internal static class DescribeQuery
{
    /// <summary>A filter that nothing passes: no id is empty.</summary>
    private static readonly ResourceFilter Nothing = new("id", Comparator.Eq, "");

    private static readonly Dictionary<string, string> SharedFields = new(StringComparer.Ordinal)
    {
        ["CreatedAt"] = "createdAt",
        ["LastUpdatedAt"] = "updatedAt",
        ["Status"] = "status",
        ["Name"] = "name",
        ["IAMUser"] = "createdBy",
        ["Algorithm"] = "createdAt", // all models have the same, so this is the order among equals
    };

    /// <summary>The comparators by their names.</summary>
    public static IReadOnlyDictionary<string, Comparator> Comparators { get; } = new Dictionary<string, Comparator>(StringComparer.Ordinal)
    {
        ["EQ"] = Comparator.Eq,
        ["GT"] = Comparator.Gt,
        ["LT"] = Comparator.Lt,
        ["GE"] = Comparator.Ge,
        ["LE"] = Comparator.Le,
        ["NE"] = Comparator.Ne,
        ["Prefix"] = Comparator.Prefix,
    };

    /// <summary>Reads a request.</summary>
    /// <param name="input">Its members.</param>
    /// <param name="fields">Fields of the list by the variables that only this kind has.</param>
    /// <exception cref="AmazonException">A comparator has no variable.</exception>
    public static ResourceQuery Read(Members input, IReadOnlyDictionary<string, string> fields)
    {
        var variable = input.Text("FilterVariable");
        var filters = new List<ResourceFilter>();
        var field = variable is null ? null : fields.GetValueOrDefault(variable) ?? SharedFields[variable];
        foreach (var (name, comparator) in Comparators)
        {
            if (input.Text(name) is not { } value)
                continue;
            if (variable is null)
                throw new AmazonException(AmazonException.InvalidInput, $"{name} is given without FilterVariable. Name the variable to compare.");
            filters.AddRange(Filter(variable, field!, comparator, value));
        }
        var order = input.Text("SortOrder");
        return new ResourceQuery
        {
            Filters = filters,
            SortBy = order is null ? "createdAt" : field ?? "createdAt",
            Descending = order != "asc",
            Limit = (int)(long)(input.GetValueOrDefault("Limit") ?? (long)ResourceQuery.MaxLimit),
            Cursor = input.Text("NextToken").OrNull(),
        };
    }

    private static IEnumerable<ResourceFilter> Filter(string variable, string field, Comparator comparator, string value) => variable switch
    {
        "CreatedAt" or "LastUpdatedAt" => [OfTime(field, comparator, value)],
        "IAMUser" => OfUser(field, comparator, value),
        "Algorithm" => Constant(Holds("sgd", comparator, value)),
        // Endpoints here open and close at once: none is ever UPDATING or FAILED.
        "RealtimeEndpointStatus" when value is "UPDATING" or "FAILED" && comparator is Comparator.Eq or Comparator.Ne =>
            Constant(comparator == Comparator.Ne),
        _ => [new ResourceFilter(field, comparator, value)],
    };

    /// <summary>Times are shown in milliseconds and kept in microseconds: what is equal to a client is a whole millisecond here.</summary>
    private static ResourceFilter OfTime(string field, Comparator comparator, string value)
    {
        var isWhole = Moment.TryParse(value, out var moment) && moment.Ticks % TimeSpan.TicksPerMillisecond == 0;
        if (!isWhole || DateTime.MaxValue - moment < TimeSpan.FromMilliseconds(1)) // behind that one comes none
            return new ResourceFilter(field, comparator, value);
        var (from, next) = (Text(moment), Text(moment.AddMilliseconds(1)));
        return comparator switch
        {
            Comparator.Eq or Comparator.Ne => new ResourceFilter(field, comparator, $"{from}/{next}"),
            Comparator.Le => new ResourceFilter(field, Comparator.Lt, next),
            Comparator.Gt => new ResourceFilter(field, Comparator.Ge, next),
            _ => new ResourceFilter(field, comparator, from),
        };

        static string Text(DateTime time) => time.ToString("O", CultureInfo.InvariantCulture);
    }

    /// <summary>Rows keep the id of an access key, clients see an ARN with it at the end, or root's where there are no keys.</summary>
    private static IEnumerable<ResourceFilter> OfUser(string field, Comparator comparator, string value)
    {
        const string Users = UserArn.Users;
        if (value.StartsWith(Users, StringComparison.Ordinal) && value.Length > Users.Length)
            return [new ResourceFilter(field, comparator, value[Users.Length..])];
        if (value == UserArn.Root && comparator != Comparator.Prefix)
            return [new ResourceFilter(field, comparator, "")];
        if (comparator == Comparator.Prefix && UserArn.Root.StartsWith(value, StringComparison.Ordinal) != Users.StartsWith(value, StringComparison.Ordinal))
            return [new ResourceFilter(field, Users.StartsWith(value, StringComparison.Ordinal) ? Comparator.Ne : Comparator.Eq, "")];
        // Any other text stands before, behind or between all that there are.
        var (root, user) = (Holds(UserArn.Root, comparator, value), Holds(Users + "a", comparator, value));
        return root == user ? Constant(root) : [new ResourceFilter(field, root ? Comparator.Eq : Comparator.Ne, "")];
    }

    private static IEnumerable<ResourceFilter> Constant(bool holds) => holds ? [] : [Nothing];

    private static bool Holds(string actual, Comparator comparator, string value)
    {
        var order = string.CompareOrdinal(actual, value);
        return comparator switch
        {
            Comparator.Eq => order == 0,
            Comparator.Ne => order != 0,
            Comparator.Gt => order > 0,
            Comparator.Ge => order >= 0,
            Comparator.Lt => order < 0,
            Comparator.Le => order <= 0,
            _ => actual.StartsWith(value, StringComparison.Ordinal),
        };
    }
}
