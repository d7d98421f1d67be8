using MlService.Learning.Schemas;
using MlService.Learning.Statistics;

namespace MlService.Learning.Recipes;

/// <summary>
/// The recipe that is used where none is given, in the form of Amazon ML's suggested recipes: every input of every type,
/// numbers in quantile bins. How many bins a number gets, of the six counts that Amazon used, is chosen by how well they
/// predict the target on held-out rows of the statistics' sample. In small data, fewer where that makes no difference beyond noise, and
/// none where the number as it is does as well: then it is normalized. Where classes are the target of small data and the number as it is tells
/// of them too, it stands beside its bins. A text of sentences gives its words, without the punctuation between
/// them, and pairs of them, the rare ones counting more.
/// </summary>
public static class SuggestedRecipe
{
    // Fewer words a value are names, titles or tags, whose punctuation and order say little.
    private const int NoBins = 0, WordsOfSentences = 10;

    /// <summary>Suggests a recipe.</summary>
    /// <param name="schema">The schema of the data, with the target if there is one.</param>
    /// <param name="statistics">Statistics made with this schema.</param>
    /// <returns>
    /// A recipe like this one, written out by <see cref="Recipe.ToJson"/>:
    /// <code>
    /// {
    ///   "groups" : {
    ///     "NUMERIC_VARS_QB_10" : "group('age','hours')"
    ///   },
    ///   "assignments" : { },
    ///   "outputs" : [ "ALL_BINARY", "ALL_CATEGORICAL", "quantile_bin(NUMERIC_VARS_QB_10,10)", "ALL_TEXT" ]
    /// }
    /// </code>
    /// An attribute whose name holds both kinds of quotes cannot be named in a recipe: a number is left out, a text stays among <c>ALL_TEXT</c> if it has no sentences.
    /// </returns>
    public static Recipe For(DataSchema schema, DataStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(statistics);
        var groups = new SortedDictionary<int, List<string>>();
        var (sentences, phrases) = (new List<string>(), new List<string>());
        var target = TargetSample.Of(statistics);
        for (var i = 0; i < schema.Attributes.Count; i++)
        {
            var name = schema.Attributes[i].Name;
            if (!schema.IsInput(i) || Quote(name) is not { } quoted)
                continue;
            if (statistics.Column(i) is TextStatistics text)
                (text.TotalWords >= WordsOfSentences * statistics.Rows && statistics.Rows > 0 ? sentences : phrases).Add(quoted);
            if (schema.Attributes[i].Type != AttributeType.Numeric)
                continue;
            var (bins, asItIs) = FormOf(statistics, target, i);
            if (bins > 0)
                Add(bins, quoted);
            if (asItIs)
                Add(NoBins, quoted);
        }
        return Recipe.Parse(Write(schema, groups, sentences, phrases));

        void Add(int bins, string name)
        {
            if (!groups.TryGetValue(bins, out var members))
                groups[bins] = members = [];
            members.Add(name);
        }
    }

    private static (int Bins, bool AsItIs) FormOf(DataStatistics statistics, TargetSample? target, int attribute)
    {
        var summary = statistics.Numeric(attribute);
        return target is null || summary.Count == 0
            ? (BinCount.WithoutTarget(summary), false)
            : BinCount.Form(summary, target, attribute);
    }

    private static string Write(DataSchema schema, SortedDictionary<int, List<string>> groups, List<string> sentences, List<string> phrases)
    {
        var definitions = groups.ToDictionary(group => GroupName(schema, group.Key), group => $"group({string.Join(',', group.Value)})");
        var textGroup = Free(schema, "TEXT_VARS_WORDS");
        if (sentences.Count > 0)
            definitions.Add(textGroup, $"group({string.Join(',', sentences)})");
        List<string> outputs = [];
        if (Has(schema, AttributeType.Binary))
            outputs.Add("ALL_BINARY");
        if (Has(schema, AttributeType.Categorical))
            outputs.Add("ALL_CATEGORICAL");
        outputs.AddRange(groups.Keys.Select(bins => bins == NoBins
            ? $"normalize({GroupName(schema, bins)})"
            : $"quantile_bin({GroupName(schema, bins)},{bins})"));
        // Never without an output: numbers that are no inputs leave none of the others.
        if (sentences.Count == 0 && Has(schema, AttributeType.Text) || outputs.Count == 0)
            outputs.Add("ALL_TEXT");
        if (sentences.Count > 0)
        {
            outputs.Add($"tfidf(ngram(words({textGroup}),2))");
            outputs.AddRange(phrases);
        }
        return System.Text.Json.JsonSerializer.Serialize(
            new Dictionary<string, object> { ["groups"] = definitions, ["assignments"] = new Dictionary<string, string>(), ["outputs"] = outputs });
    }

    /// <summary>Groups and attributes share one name space.</summary>
    private static string GroupName(DataSchema schema, int bins) =>
        Free(schema, bins == NoBins ? "NUMERIC_VARS" : $"NUMERIC_VARS_QB_{bins}");

    private static string Free(DataSchema schema, string name)
    {
        while (schema.IndexOf(name) >= 0)
            name += "_";
        return name;
    }

    private static bool Has(DataSchema schema, AttributeType type) => schema.Attributes.Any(attribute => attribute.Type == type);

    private static string? Quote(string name) => !name.Contains('\'') ? $"'{name}'" : !name.Contains('"') ? $"\"{name}\"" : null;
}
