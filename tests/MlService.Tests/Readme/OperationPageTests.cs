using System.Text.RegularExpressions;

namespace MlService.Tests.Readme;

/// <summary>What docs/operation.md says of settings is what the service has.</summary>
public sealed partial class OperationPageTests
{
    private const string Begin = "<!-- settings, written by OperationPageTests -->\n";
    private const string End = "<!-- end of settings -->";

    /// <summary>After a change of the options, <c>MLSERVICE_WRITE_DOCS=1</c> makes this test write the tables anew.</summary>
    [Fact]
    public void TheReferenceHasEverySettingWithItsDefault()
    {
        var page = Page.Open("docs/operation.md");
        var (begin, end) = (page.Text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.Text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(begin >= Begin.Length && end >= begin, "The page lacks the marks between which the settings stand.");
        var reference = $"\n{SettingsReference.ToMarkdown()}";
        if (Environment.GetEnvironmentVariable("MLSERVICE_WRITE_DOCS") == "1")
            page.Write(page.Text[..begin] + reference + page.Text[end..]);
        else
            Assert.Equal(reference, page.Text[begin..end]);
    }

    [Fact]
    public void TheReferenceReadsAllSectionsAndSettings()
    {
        Assert.Empty(((string[])["Access", "Jobs", "Limits", "Storage:S3"]).Except(SettingsReference.Sections.Select(section => section.Section)));
        var text = SettingsReference.ToMarkdown();
        foreach (var line in new[]
        {
            "| `Access:Mode` | `Local` |", "| `Access:FirstKey:Id` |  |", "| `Jobs:LargeJobBytes` | `67108864` (64 MiB) |", "| `Jobs:ShardsPerJob` | the number of processors |",
        })
            Assert.Contains(line, text, StringComparison.Ordinal);
    }

    [Fact]
    public void EverySettingThatThePagesTextNamesExists()
    {
        var page = Page.Open("docs/operation.md").Text;
        var named = Setting().Matches(page).Select(match => match.Value).Distinct().ToList();
        Assert.True(named.Count > 20);
        Assert.All(named, setting => Assert.Contains($"| {setting} |", page, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"`(Access|Storage:S3|Jobs|Limits):[\w:]*\w`")]
    private static partial Regex Setting();
}
