using MlService.DataSources;
using MlService.Learning;
using MlService.Learning.Features;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;
using MlService.Metadata;
using MlService.Realtime;
using MlService.Schemas;
using MlService.Storage;

namespace MlService.Console.Models;

/// <summary>A datasource's schema, statistics and first rows at hand, to suggest and try recipes before anything is trained.</summary>
public sealed class RecipeDesk
{
    private readonly DataSchema _schema;
    private readonly DataStatistics _statistics;
    private readonly IReadOnlyList<IReadOnlyList<string>> _rows;

    private RecipeDesk(DataSchema schema, DataStatistics statistics, IReadOnlyList<IReadOnlyList<string>> rows) =>
        (_schema, _statistics, _rows) = (schema, statistics, rows);

    /// <summary>What can stand in an expression of a recipe, for completion: attributes, groups and functions.</summary>
    public IReadOnlyList<RecipeWord> Words =>
    [
        .. Attributes.Select(attribute => new RecipeWord(attribute.Name, attribute.Type.ToString().ToLowerInvariant(),
            new NameExpression(attribute.Name, 1).ToString().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))),
        .. Groups.Select(group => new RecipeWord(group.Name, group.Note, null)),
        .. Functions.Select(function => new RecipeWord(function.Name, function.Note, function.Name + "(")),
    ];

    private static readonly (string Name, string Note)[] Groups =
    [
        ("ALL_INPUTS", "every attribute"), ("ALL_NUMERIC", "all numbers"), ("ALL_CATEGORICAL", "all categories"), ("ALL_TEXT", "all texts"),
        ("ALL_BINARY", "all yes or no"),
    ];

    private static readonly (string Name, string Note)[] Functions =
    [
        ("quantile_bin", "number, bins"), ("normalize", "number"), ("cartesian", "two or more"), ("ngram", "text, words"), ("osb", "text, words"),
        ("lowercase", "text"), ("no_punct", "text"), ("group", "names"), ("group_remove", "group, names"),
    ];

    /// <summary>What recipes can name.</summary>
    public IEnumerable<SchemaAttribute> Attributes => _schema.Attributes.Where((_, index) => _schema.IsInput(index));

    /// <summary>Reads what a completed datasource left.</summary>
    /// <exception cref="Problems.ProblemException">The datasource is not completed, or has no statistics.</exception>
    public static async Task<RecipeDesk> Open(DataSource row, ArtifactReader artifacts, DataPreview preview, CancellationToken cancellation)
    {
        var schema = DataSchema.Parse(row.Schema ?? throw ResourceProblems.Conflict($"The datasource {row.Id} has no schema yet. Wait until it is completed."));
        await using var stream = await artifacts.Open(row, Artifacts.Statistics, "statistics", cancellation);
        var statistics = await Task.Run(() => DataStatistics.Read(stream, schema), cancellation);
        var first = await preview.Infer(row.DataLocation, schema.HasHeader, cancellation);
        return new RecipeDesk(schema, statistics, first.Rows);
    }

    /// <summary>The recipe that is used where none is given.</summary>
    public Task<string> Suggest(CancellationToken cancellation) =>
        Task.Run(() => SuggestedRecipe.For(_schema, _statistics).ToJson(), cancellation);

    /// <summary>Tries a recipe on the first rows.</summary>
    /// <param name="recipe">The recipe's text.</param>
    /// <param name="count">How many rows.</param>
    /// <returns>The features of each row, by their names, with their values.</returns>
    /// <exception cref="InvalidInputException">The recipe is none, or does not fit the data; the message names the place.</exception>
    public IReadOnlyList<IReadOnlyList<(string Name, float Value)>> Try(string recipe, int count)
    {
        var plan = FeaturePlan.Compile(Recipe.Parse(recipe), _schema, _statistics);
        var reading = new RecordReading(_schema);
        List<IReadOnlyList<(string, float)>> encoded = [];
        foreach (var row in _rows.Take(count))
        {
            reading.Read(_schema.Attributes.Select((attribute, index) => (attribute.Name, Value: row[index])).ToDictionary(pair => pair.Name, pair => pair.Value));
            encoded.Add([.. plan.NamedFeatures(_schema, reading.Record).Select(feature => (feature.Name, feature.Value))]);
        }
        return encoded;
    }
}

/// <summary>A word that completes what is typed.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Note">What it is.</param>
/// <param name="Insert">How it is written in a recipe, if not as it is called.</param>
public sealed record RecipeWord(string Name, string Note, string? Insert);
