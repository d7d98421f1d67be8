using System.Text.RegularExpressions;

namespace MlService.Tests;

/// <summary>Which room may know which: the arrows of docs/architecture.md, read from the sources' using lines.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string[] Resources =
        ["BatchPredictions", "DataSources", "Evaluations", "Events", "Models", "Realtime", "Schemas", "Training", "Tutorial"];

    [Fact]
    public void TheEngineKnowsNothingOfTheService()
    {
        var arrows = Sources("MlService.Learning").SelectMany(source => Used(source.Text)).Where(used => used != "Learning");
        Assert.Empty(arrows);
    }

    [Theory]
    [InlineData("Problems")]
    [InlineData("Logging")]
    [InlineData("Limits", "Problems")]
    [InlineData("OpenApi", "Problems")]
    [InlineData("Storage", "Problems", "Metadata", "Limits")]
    [InlineData("Jobs", "Problems", "Metadata", "Storage")]
    [InlineData("Databases", "Jobs", "Metadata", "Storage")]
    [InlineData("DataSources", "Access", "Databases", "Jobs", "Metadata", "OpenApi", "Problems", "Storage", "Limits")]
    [InlineData("Models", "Access", "DataSources", "Jobs", "Metadata", "OpenApi", "Problems", "Storage", "Limits")]
    [InlineData("Evaluations", "Access", "DataSources", "Jobs", "Metadata", "Models", "OpenApi", "Problems", "Storage", "Limits")]
    [InlineData("BatchPredictions", "Access", "DataSources", "Jobs", "Metadata", "Models", "OpenApi", "Problems", "Storage", "Limits")]
    [InlineData("Realtime", "Access", "Jobs", "Metadata", "Models", "OpenApi", "Problems", "Storage", "Limits")]
    [InlineData("Amazon", "Access", "BatchPredictions", "Databases", "DataSources", "Evaluations", "Metadata", "Models", "Problems", "Realtime", "Tags")]
    public void ARoomKnowsOnlyTheRoomsBeforeIt(string room, params string[] mayUse)
    {
        var sources = Sources($"MlService/{room}").ToList();
        Assert.NotEmpty(sources);
        Assert.DoesNotContain(
            sources.SelectMany(source => Used(source.Text).Select(used => (source.Name, used))),
            arrow => arrow.used != room && arrow.used != "Learning" && !mayUse.Contains(arrow.used));
    }

    [Theory]
    [InlineData("Metadata")]
    [InlineData("Access")]
    [InlineData("Tags")]
    [InlineData("Health")]
    public void WhatAllResourcesShareKnowsNoneOfThem(string room)
    {
        // But for the database's context, which has a table for each.
        var arrows = Sources($"MlService/{room}").Where(source => source.Name != "MetadataContext.cs")
            .SelectMany(source => Used(source.Text).Select(used => (source.Name, used)));
        Assert.DoesNotContain(arrows, arrow => Resources.Contains(arrow.used));
    }

    [Fact]
    public void NoRoomKnowsTheConsole()
    {
        var arrows = Sources("MlService").Where(source => source.Name != "ServiceApplication.cs" && !source.Text.Contains("namespace MlService.Console", StringComparison.Ordinal))
            .SelectMany(source => Used(source.Text).Select(used => (source.Name, used)));
        Assert.DoesNotContain(arrows, arrow => arrow.used == "Console");
    }

    [Fact]
    public void InTheEngineNothingFlowsBackwards()
    {
        string[] reading = ["Csv", "Records", "Schemas", "Statistics", "Recipes", "Features"];
        string[] learning = ["Training", "Models", "Scoring", "Metrics"];
        var arrows = reading.SelectMany(room => Sources($"MlService.Learning/{room}"))
            .SelectMany(source => EngineRoom().Matches(source.Text).Select(match => (source.Name, Used: match.Groups[1].Value)))
            .ToList();
        Assert.NotEmpty(arrows);
        Assert.DoesNotContain(arrows, arrow => learning.Contains(arrow.Used));
    }

    private static IEnumerable<(string Name, string Text)> Sources(string folder) =>
        Directory.EnumerateFiles(Repository.Path("src", folder), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
                && !path.Contains("/Migrations/", StringComparison.Ordinal))
            .Select(path => (Path.GetFileName(path), File.ReadAllText(path)));

    /// <summary>Rooms of the service that a source names, by a using line or in full.</summary>
    private static IEnumerable<string> Used(string text) =>
        ServiceRoom().Matches(text).Select(match => match.Groups[1].Value).Distinct();

    [GeneratedRegex(@"(?<!namespace )(?<![.\w])MlService\.([A-Z]\w+)")]
    private static partial Regex ServiceRoom();

    [GeneratedRegex(@"(?<!namespace )(?<![.\w])MlService\.Learning\.([A-Z]\w+)")]
    private static partial Regex EngineRoom();
}
