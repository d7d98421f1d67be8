using MlService.Learning;

namespace MlService.Databases;

/// <summary>
/// Refuses SQL that is not one statement which reads. It is the first of several doors: the transaction cannot write, PostgreSQL takes
/// one statement only, and the login should have no right to write either.
/// </summary>
internal static class ReadOnlySql
{
    private static readonly string[] Beginnings = ["SELECT", "WITH", "VALUES", "TABLE"];

    /// <summary>Refuses a statement that does not begin as a query does.</summary>
    public static void CheckBegin(string query)
    {
        var at = 0;
        while (at < query.Length && (char.IsWhiteSpace(query[at]) || query[at] == '('))
            at++;
        var end = at;
        while (end < query.Length && char.IsAsciiLetter(query[end]))
            end++;
        if (!Beginnings.Contains(query[at..end], StringComparer.OrdinalIgnoreCase))
            throw new InvalidInputException($"query: it does not begin with {string.Join(", ", Beginnings)}. Only queries that read are run; put comments behind the first word.");
    }

    /// <summary>
    /// Refuses what MySQL takes for more than a query: a second statement, INTO, which writes files, and comments that are run. Text within
    /// quotes is passed by, as the server does while its mode has neither ANSI_QUOTES nor NO_BACKSLASH_ESCAPES.
    /// </summary>
    public static void CheckMySql(string query)
    {
        var at = 0;
        while (at < query.Length)
        {
            var rest = query.AsSpan(at);
            if (rest[0] is '\'' or '"' or '`')
                at += Quoted(rest);
            else if (rest.StartsWith("/*!") || rest.StartsWith("/*M!"))
                throw new InvalidInputException("query: it has a comment that is run, /*! … */. Write its content without the comment, or leave it out.");
            else if (rest.StartsWith("/*"))
                at += Until(rest, "*/", 2);
            else if (rest[0] == '#' || IsLineComment(rest))
                at += Until(rest, "\n", 1);
            else if (rest[0] == ';' && !rest[1..].IsWhiteSpace())
                throw new InvalidInputException("query: it has more than one statement, or a semicolon that is not at its end. Send one query.");
            else if (IsWordPart(rest[0]))
                at += Word(rest);
            else
                at++;
        }
    }

    private static int Word(ReadOnlySpan<char> rest)
    {
        var length = 0;
        while (length < rest.Length && IsWordPart(rest[length]))
            length++;
        return rest[..length].Equals("INTO", StringComparison.OrdinalIgnoreCase)
            ? throw new InvalidInputException("query: it has INTO, which writes. Only queries that read are run.")
            : length;
    }

    private static int Quoted(ReadOnlySpan<char> rest)
    {
        for (var at = 1; at < rest.Length; at++)
        {
            if (rest[at] == '\\' && rest[0] != '`')
                at++;
            else if (rest[at] == rest[0])
                return at + 1; // a doubled quote begins what goes on with the same text
        }
        throw new InvalidInputException($"query: a quote, {rest[0]}, is not closed. Close it.");
    }

    private static int Until(ReadOnlySpan<char> rest, string end, int from)
    {
        var found = rest[from..].IndexOf(end);
        return found < 0 ? rest.Length : from + found + end.Length;
    }

    private static bool IsLineComment(ReadOnlySpan<char> rest) =>
        rest.StartsWith("--") && (rest.Length == 2 || char.IsWhiteSpace(rest[2]) || char.IsControl(rest[2]));

    private static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c is '_' or '$' or '@';
}
