using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MlService.Learning.Recipes;

/// <summary>
/// A recipe in Amazon ML's format: which variables reach the learner, and in which form. This is the syntax tree;
/// what needs a schema (unknown variables, types) is judged by <see cref="RecipeBinder"/>.
/// <code>
/// { "groups": { "WORDS": "group(subject, body)" },
///   "assignments": { "clean": "lowercase(no_punct(WORDS))" },
///   "outputs": [ "ngram(clean, 2)", "ALL_CATEGORICAL // and the single values" ] }
/// </code>
/// </summary>
public sealed class Recipe
{
    /// <summary>Greatest length of a recipe's text in UTF-16 characters.</summary>
    public const int MaxLength = 131_071;

    /// <summary>Greatest length of the name of a group or an assignment in UTF-16 characters.</summary>
    public const int MaxNameLength = 64;

    private static readonly string[] Keys = ["groups", "assignments", "outputs"];

    private Recipe(
        string text,
        IReadOnlyList<RecipeDefinition> groups,
        IReadOnlyList<RecipeDefinition> assignments,
        IReadOnlyList<RecipeOutput> outputs)
    {
        Text = text;
        Groups = groups;
        Assignments = assignments;
        Outputs = outputs;
    }

    /// <summary>The JSON text as it was given.</summary>
    public string Text { get; }

    /// <summary>The groups, in the order of the text.</summary>
    internal IReadOnlyList<RecipeDefinition> Groups { get; }

    /// <summary>The intermediate variables, in the order of the text.</summary>
    internal IReadOnlyList<RecipeDefinition> Assignments { get; }

    /// <summary>The outputs, in the order of the text; at least one.</summary>
    internal IReadOnlyList<RecipeOutput> Outputs { get; }

    /// <summary>Reads a recipe.</summary>
    /// <param name="json">The recipe's text, at most <see cref="MaxLength"/> characters.</param>
    /// <exception cref="InvalidInputException">It is no JSON object of the right form, or an expression is wrong in
    /// itself; the message names the key, the expression and the column.</exception>
    public static Recipe Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.Length > MaxLength)
            throw new InvalidInputException($"Recipe: it has {json.Length} characters; at most {MaxLength} are allowed.");
        try
        {
            // A file may begin with a byte order mark.
            using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(json.TrimStart('\uFEFF')));
            return Read(json, document.RootElement);
        }
        catch (JsonException error)
        {
            throw new InvalidInputException($"Recipe: not valid JSON at line {error.LineNumber + 1}, byte "
                + $"{error.BytePositionInLine + 1}. (Commas after the last element and comments outside of an output's string "
                + "are not allowed.)", error);
        }
        catch (InvalidOperationException error)
        {
            // JsonElement says so where a string holds half of a surrogate pair.
            throw new InvalidInputException("Recipe: a string holds an incomplete \\u escape sequence.", error);
        }
    }

    /// <summary>
    /// The recipe as JSON in the layout of Amazon's generated recipes; expressions as they were written.
    /// <see cref="Parse"/> reads it back.
    /// </summary>
    public string ToJson()
    {
        var text = new StringBuilder("{\n");
        AppendDefinitions(text, "groups", Groups);
        AppendDefinitions(text, "assignments", Assignments);
        text.Append("  \"outputs\" : [ ").AppendJoin(", ", Outputs.Select(output => Quote(output.Place.Text))).Append(" ]\n}");
        return text.ToString();
    }

    private static Recipe Read(string text, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException($"Recipe: a JSON object is wanted, not {Describe(root)}.");
        var parts = new Dictionary<string, JsonElement>();
        foreach (var property in root.EnumerateObject())
        {
            if (!Keys.Contains(property.Name))
                throw new InvalidInputException($"Recipe: unknown key \"{RecipePlace.Shorten(property.Name)}\"; "
                    + "the keys are groups, assignments and outputs.");
            if (!parts.TryAdd(property.Name, property.Value))
                throw new InvalidInputException($"Recipe: the key {property.Name} stands there twice.");
        }
        var names = new HashSet<string>();
        var groups = ReadDefinitions(parts, "groups", names);
        var assignments = ReadDefinitions(parts, "assignments", names);
        return new Recipe(text, groups, assignments, ReadOutputs(parts));
    }

    private static List<RecipeDefinition> ReadDefinitions(
        Dictionary<string, JsonElement> parts, string key, HashSet<string> names)
    {
        var definitions = new List<RecipeDefinition>();
        if (!parts.TryGetValue(key, out var part))
            return definitions;
        if (part.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException($"Recipe: {key} must be a JSON object of names and expressions, not {Describe(part)}.");
        foreach (var property in part.EnumerateObject())
        {
            CheckName(property.Name, key);
            var nameKey = $"{key}.{property.Name}";
            var place = new RecipePlace(nameKey, ReadText(property.Value, nameKey));
            if (!names.Add(property.Name))
                throw new InvalidInputException($"Recipe: {place.Key}: the name is used twice; "
                    + "groups and assignments share one name space.");
            definitions.Add(new RecipeDefinition(property.Name, ExpressionParser.Parse(place, isOutput: false), place));
        }
        return definitions;
    }

    private static List<RecipeOutput> ReadOutputs(Dictionary<string, JsonElement> parts)
    {
        if (!parts.TryGetValue("outputs", out var part))
            throw new InvalidInputException("Recipe: outputs is missing; [\"ALL_INPUTS\"] uses every variable as it is.");
        if (part.ValueKind != JsonValueKind.Array)
            throw new InvalidInputException($"Recipe: outputs must be a JSON array of expressions, not {Describe(part)}.");
        var outputs = new List<RecipeOutput>();
        foreach (var element in part.EnumerateArray())
        {
            var key = $"outputs[{outputs.Count}]";
            var place = new RecipePlace(key, ReadText(element, key));
            outputs.Add(new RecipeOutput(ExpressionParser.Parse(place, isOutput: true), place));
        }
        if (outputs.Count == 0)
            throw new InvalidInputException("Recipe: outputs is empty; [\"ALL_INPUTS\"] uses every variable as it is.");
        return outputs;
    }

    private static string ReadText(JsonElement element, string key) =>
        element.ValueKind == JsonValueKind.String
            ? element.GetString()!
            : throw new InvalidInputException($"Recipe: {key}: an expression must be a JSON string, not {Describe(element)}.");

    private static void CheckName(string name, string key)
    {
        if (name.Length is 0 or > MaxNameLength || !char.IsLetter(name[0]))
            throw new InvalidInputException($"Recipe: {key}: the name \"{RecipePlace.Shorten(name)}\" must have 1 to "
                + $"{MaxNameLength} characters and start with a letter.");
        if (BuiltInGroup.IsBuiltIn(name) || FunctionSignature.Find(name) is { IsReserved: true })
            throw new InvalidInputException($"Recipe: {key}: the name {name} is built in; choose another.");
    }

    private static void AppendDefinitions(StringBuilder text, string key, IReadOnlyList<RecipeDefinition> definitions)
    {
        text.Append("  \"").Append(key).Append("\" : {");
        if (definitions.Count == 0)
        {
            text.Append(" },\n");
            return;
        }
        text.Append('\n');
        text.AppendJoin(",\n", definitions.Select(definition => $"    {Quote(definition.Name)} : {Quote(definition.Place.Text)}"));
        text.Append("\n  },\n");
    }

    private static string Quote(string text) =>
        $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    private static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
