using System.Text.RegularExpressions;
using MlService.Tests.Readme;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace MlService.Tests.Cluster;

/// <summary>What <c>docker-compose.yml</c> and the <c>Dockerfile</c> give to the processes of their services.</summary>
internal sealed partial class ComposeFile
{
    private readonly Dictionary<string, Service> _services;

    private ComposeFile(Dictionary<string, Service> services) => _services = services;

    /// <summary>Reads the file.</summary>
    /// <param name="variables">The file <c>.env</c> beside it.</param>
    public static ComposeFile Read(IReadOnlyDictionary<string, string> variables)
    {
        var text = Variable().Replace(Page.Open("docker-compose.yml").Text, match =>
            variables.TryGetValue(match.Groups[1].Value, out var value) ? value
            : match.Groups[2].Value is ['-', .. var absent] ? absent
            : throw new InvalidOperationException($"{match.Groups[1].Value}: {match.Groups[2].Value}"));
        var parser = new MergingParser(new Parser(new StringReader(text)));
        return new ComposeFile(new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<File>(parser).Services);
    }

    /// <summary>The environment of a service's process: the image's, and what the file adds.</summary>
    public Dictionary<string, string> Environment(string service)
    {
        var image = ImageVariable().Matches(Page.Open("Dockerfile").Text).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        foreach (var (name, value) in _services[service].Environment)
            image[name] = value;
        return image;
    }

    /// <summary>The command by which the container of a service is asked whether it is well.</summary>
    public IReadOnlyList<string> HealthCheck(string service) => _services[service].HealthCheck.Test[1..];

    [GeneratedRegex(@"\$\{(\w+)(?::([?-][^}]*))?\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^(?:ENV|   ) (\w+)=(\S+)", RegexOptions.Multiline)]
    private static partial Regex ImageVariable();

    private sealed class File
    {
        [YamlMember(Alias = "services")]
        public Dictionary<string, Service> Services { get; set; } = [];
    }

    private sealed class Service
    {
        [YamlMember(Alias = "environment")]
        public Dictionary<string, string> Environment { get; set; } = [];

        [YamlMember(Alias = "healthcheck")]
        public Health HealthCheck { get; set; } = new();
    }

    private sealed class Health
    {
        [YamlMember(Alias = "test")]
        public List<string> Test { get; set; } = [];
    }
}
