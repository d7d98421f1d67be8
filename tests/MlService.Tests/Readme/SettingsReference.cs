using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MlService.Tests.Readme;

/// <summary>
/// The settings of the service as tables: from the classes that end in <c>Options</c> and name their section, the defaults that they are
/// made with, and what their doc comments say.
/// </summary>
internal static partial class SettingsReference
{
    private static readonly Assembly Service = typeof(ServiceApplication).Assembly;

    private static readonly Dictionary<string, XElement> Comments =
        XDocument.Load(Path.ChangeExtension(Service.Location, ".xml")).Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => (string)member.Attribute("name")!, member => member.Element("summary")!);

    /// <summary>Every section with its class, in the order of their names.</summary>
    public static IReadOnlyList<(string Section, Type Options)> Sections { get; } =
    [
        .. Service.GetExportedTypes().Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal))
            .Select(type => (Section: type.GetField("Section")?.GetRawConstantValue() as string ?? "", Options: type))
            .Where(found => found.Section.Length > 0).OrderBy(found => found.Section, StringComparer.Ordinal),
    ];

    /// <summary>The tables, in Markdown.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder();
        foreach (var (section, options) in Sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"### {section}\n\n{Comment($"T:{options.FullName}")}\n\n| setting | default | meaning |\n| --- | --- | --- |\n");
            AppendRows(text, section, Activator.CreateInstance(options)!);
            text.Append('\n');
        }
        return text.ToString();
    }

    private static void AppendRows(StringBuilder text, string section, object options)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var value = property.GetValue(options);
            if (value?.GetType().Name.EndsWith("Options", StringComparison.Ordinal) == true)
                AppendRows(text, $"{section}:{property.Name}", value);
            else
                text.Append(CultureInfo.InvariantCulture, $"| `{section}:{property.Name}` | {Default(property, value)} | {Comment($"P:{property.DeclaringType!.FullName}.{property.Name}")} |\n");
        }
    }

    private static string Default(PropertyInfo property, object? value) => property.GetCustomAttribute<DefaultValueAttribute>()?.Value is string words
        ? words
        : value switch
        {
            null => "",
            long bytes when bytes >= 1 << 20 && bytes % (1 << 20) == 0 => $"`{bytes}` ({bytes >> 20} MiB)",
            bool isSet => isSet ? "`true`" : "`false`",
            _ => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
        };

    private static string Comment(string member)
    {
        Assert.True(Comments.TryGetValue(member, out var summary), $"{member} has no doc comment.");
        var words = string.Concat(summary.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement element when element.Attribute("cref") is { } reference => $"`{reference.Value[(reference.Value.LastIndexOf('.') + 1)..]}`",
            XElement element => element.Value,
            _ => node.ToString(SaveOptions.DisableFormatting),
        }));
        return WhiteSpace().Replace(words, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
