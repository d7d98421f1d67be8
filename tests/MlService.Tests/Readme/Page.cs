using System.Text.RegularExpressions;

namespace MlService.Tests.Readme;

/// <summary>A page of the documentation, with the commands that it tells readers to copy.</summary>
internal sealed partial class Page
{
    private readonly string _path;
    private readonly string _directory;

    private Page(string path)
    {
        _path = path;
        _directory = Path.GetDirectoryName(path)!;
        Text = File.ReadAllText(path).ReplaceLineEndings("\n");
    }

    public string Text { get; }

    /// <summary>The blocks of bash, in order, as one script: a reader pastes them into one shell.</summary>
    public string Script => string.Join("\n", Blocks("bash"));

    /// <summary>Opens a page by its path in the repository.</summary>
    public static Page Open(string path) => new(Repository.Path(path));

    /// <summary>Gives the page another text.</summary>
    public void Write(string text) => File.WriteAllText(_path, text);

    /// <summary>The fenced blocks of one language.</summary>
    public IReadOnlyList<string> Blocks(string language) =>
        [.. Fence().Matches(Text).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value)];

    /// <summary>
    /// The outputs that the page shows (blocks of text) must be among what its commands printed, in this order; an ellipsis stands
    /// for anything, and so does white space, which pages use to break long lines.
    /// </summary>
    /// <param name="printed">What the commands printed.</param>
    /// <param name="outputs">Which blocks of text show it.</param>
    public static void AssertShown(string printed, IEnumerable<string> outputs)
    {
        var text = WhiteSpace().Replace(printed, "");
        var at = 0;
        foreach (var piece in outputs.SelectMany(output => output.Split('…')).Select(piece => WhiteSpace().Replace(piece, "")))
        {
            var found = text.IndexOf(piece, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"The page shows\n{piece}\nwhich is not among what its commands printed after\n{text[Math.Max(0, at - 300)..at]}");
            at = found + piece.Length;
        }
    }

    /// <summary>The links to other pages and files of the repository that lead nowhere.</summary>
    public IReadOnlyList<string> BrokenLinks() =>
    [
        .. Link().Matches(Text).Select(match => match.Groups[1].Value)
            .Where(link => !link.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(_directory, link))),
    ];

    [GeneratedRegex("^```(\\w+)\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@"\]\(([^)#\s]+)[^)]*\)")]
    private static partial Regex Link();
}
