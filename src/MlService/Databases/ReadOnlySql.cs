using MlService.Learning;

namespace MlService.Databases;

/// <summary>
/// Refuses SQL that is not one statement which reads. It is the first of several doors: the transaction cannot write, PostgreSQL takes
/// one statement only, and the login should have no right to write either.
/// </summary>
internal static class ReadOnlySql
{
    private static readonly string[] Beginnings = ["SELECT", "WITH", "VALUES", "TABLE"];

    /// <summary>
    /// Refuses a statement that does not begin as a query does, behind its first blanks, parentheses and comments. Of comments, those that the
    /// servers read differently are refused too: what one takes for a comment may be a statement to another.
    /// </summary>
    public static void CheckBegin(string query)
    {
        var at = 0;
        while (at < query.Length)
        {
            var rest = query.AsSpan(at);
            if (char.IsWhiteSpace(rest[0]) || rest[0] == '(')
                at++;
            else if (rest.StartsWith("/*"))
                at += BlockComment(rest);
            else if (rest.StartsWith("--") || rest[0] == '#')
                at += LineComment(rest);
            else
                break;
        }
        var end = at;
        while (end < query.Length && char.IsAsciiLetter(query[end]))
            end++;
        if (!Beginnings.Contains(query[at..end], StringComparer.OrdinalIgnoreCase))
            throw new InvalidInputException($"The query does not begin with {string.Join(", ", Beginnings)}. Only queries that read are run.");
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
                throw new InvalidInputException("The query has a comment that is run, /*! … */. Write its content without the comment, or leave it out.");
            else if (rest.StartsWith("/*"))
                at += Until(rest, "*/", 2);
            else if (rest[0] == '#' || IsLineComment(rest))
                at += Until(rest, "\n", 1);
            else if (rest[0] == ';' && !rest[1..].IsWhiteSpace())
                throw new InvalidInputException("The query has more than one statement, or a semicolon that is not at its end. Send one query.");
            else if (IsWordPart(rest[0]))
                at += Word(rest);
            else
                at++;
        }
    }

    /// <summary>PostgreSQL knows comments within comments, MySQL does not; MySQL runs what stands in some.</summary>
    private static int BlockComment(ReadOnlySpan<char> rest)
    {
        var end = rest[2..].IndexOf("*/");
        if (end < 0)
            throw new InvalidInputException("The query has a comment, /*, that is not closed. Close it.");
        var content = rest.Slice(2, end);
        return content.Contains("/*", StringComparison.Ordinal) || content.StartsWith("!") || content.StartsWith("M!")
            ? throw new InvalidInputException("The query begins with a comment within a comment, or with one that is run, /*! … */. Leave it out.")
            : end + 4;
    }

    /// <summary>PostgreSQL ends a line at a lone carriage return, MySQL does not.</summary>
    private static int LineComment(ReadOnlySpan<char> rest)
    {
        var length = Until(rest, "\n", 1);
        return rest[..length].TrimEnd("\r\n").Contains('\r')
            ? throw new InvalidInputException("The query begins with a comment that has a carriage return in its midst. End lines with a line feed.")
            : length;
    }

    private static int Word(ReadOnlySpan<char> rest)
    {
        var length = 0;
        while (length < rest.Length && IsWordPart(rest[length]))
            length++;
        return rest[..length].Equals("INTO", StringComparison.OrdinalIgnoreCase)
            ? throw new InvalidInputException("The query has INTO, which writes. Only queries that read are run.")
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
        throw new InvalidInputException($"The query has a quote, {rest[0]}, that is not closed. Close it.");
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
