using System.Text.RegularExpressions;

namespace MlService.Tests.Readme;

/// <summary>A page of the documentation, with the commands that it tells readers to copy.</summary>
internal sealed partial class Page
{
    private readonly string _directory;

    private Page(string path)
    {
        _directory = Path.GetDirectoryName(path)!;
        Text = File.ReadAllText(path).ReplaceLineEndings("\n");
    }

    public string Text { get; }

    /// <summary>The blocks of bash, in order, as one script: a reader pastes them into one shell.</summary>
    public string Script => string.Join("\n", Blocks("bash"));

    /// <summary>Opens a page by its path in the repository.</summary>
    public static Page Open(string path)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "MlService.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return new Page(Path.Combine(directory.FullName, path));
    }

    /// <summary>The fenced blocks of one language.</summary>
    public IReadOnlyList<string> Blocks(string language) =>
        [.. Fence().Matches(Text).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value)];

    /// <summary>The links to other pages and files of the repository that lead nowhere.</summary>
    public IReadOnlyList<string> BrokenLinks() =>
    [
        .. Link().Matches(Text).Select(match => match.Groups[1].Value)
            .Where(link => !link.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(_directory, link))),
    ];

    [GeneratedRegex("^```(\\w+)\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\(([^)#\s]+)[^)]*\)")]
    private static partial Regex Link();
}
