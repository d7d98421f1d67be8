using System.Globalization;
using System.Text.RegularExpressions;
using MlService.Access;
using MlService.Jobs;
using MlService.Storage;

namespace MlService.Tests.Readme;

/// <summary>The settings that docs/operation.md tells of are ones that the service reads, with the defaults that it has.</summary>
public sealed partial class OperationPageTests
{
    private static readonly Dictionary<string, object> Sections = new()
    {
        ["Access"] = new AccessOptions(), ["Access:FirstKey"] = new FirstKeyOptions(), ["Storage:S3"] = new S3Options(), ["Jobs"] = new JobsOptions(),
    };

    [Fact]
    public void EverySettingOfThePageExists()
    {
        var settings = Setting().Matches(Page.Open("docs/operation.md").Text).Select(match => (Section: match.Groups[1].Value, Name: match.Groups[2].Value)).ToList();
        Assert.True(settings.Count > 20);
        Assert.All(settings, setting => Assert.NotNull(Sections[setting.Section].GetType().GetProperty(setting.Name)));
    }

    [Fact]
    public void TheDefaultsOfThePageAreThoseOfTheService()
    {
        var defaults = Default().Matches(Page.Open("docs/operation.md").Text).Select(match => match.Groups).ToList();
        Assert.True(defaults.Count > 7);
        Assert.All(defaults, row =>
        {
            var number = double.Parse(row[3].Value, CultureInfo.InvariantCulture) * (row[4].Success ? 1 << 20 : 1);
            var options = Sections[row[1].Value];
            Assert.Equal(number, Convert.ToDouble(options.GetType().GetProperty(row[2].Value)!.GetValue(options), CultureInfo.InvariantCulture));
        });
    }

    [GeneratedRegex(@"`(Access:FirstKey|Access|Storage:S3|Jobs):(\w+)`")]
    private static partial Regex Setting();

    [GeneratedRegex(@"^\| `(Storage:S3|Jobs):(\w+)` \| (\d+)( MiB)? \|", RegexOptions.Multiline)]
    private static partial Regex Default();
}
