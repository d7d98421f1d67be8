using System.Collections.Frozen;

namespace MlService.Learning.Schemas;

/// <summary>
/// What the columns of a data set are: Amazon ML's schema, format version 1.0. Attributes stand in the order of the
/// columns; a header in the data, if any, only has to have as many names. Immutable, shared by threads.
/// </summary>
public sealed class DataSchema
{
    /// <summary>The most attributes a schema may have.</summary>
    public const int MaxAttributes = 1000;

    private readonly FrozenDictionary<string, int> _indexes;
    private readonly bool[] _isInput;

    /// <summary>Creates a schema and checks it.</summary>
    /// <param name="attributes">One per column, in column order; 1 to <see cref="MaxAttributes"/>, names unique.</param>
    /// <param name="hasHeader">Whether the first line of every file is a header.</param>
    /// <param name="target">Name of the attribute to predict; not TEXT, not excluded, not the row id.</param>
    /// <param name="rowId">Name of the attribute that identifies a row; it is no input.</param>
    /// <param name="rowWeight">Name of the NUMERIC attribute that weighs a row; it is no input.</param>
    /// <param name="excluded">Names of attributes that are present and unused; names that do not exist are tolerated.</param>
    /// <exception cref="InvalidInputException">A rule above is broken.</exception>
    public DataSchema(
        IReadOnlyList<SchemaAttribute> attributes,
        bool hasHeader = false,
        string? target = null,
        string? rowId = null,
        string? rowWeight = null,
        IReadOnlyList<string>? excluded = null)
    {
        Attributes = [.. attributes];
        HasHeader = hasHeader;
        Target = target;
        RowId = rowId;
        RowWeight = rowWeight;
        Excluded = [.. excluded ?? []];
        _indexes = Index(Attributes);
        TargetIndex = Find("targetAttributeName", target);
        RowIdIndex = Find("rowId", rowId);
        RowWeightIndex = Find("rowWeight", rowWeight);
        CheckRoles();
        var unused = Excluded.ToHashSet();
        _isInput = new bool[Attributes.Count];
        for (var index = 0; index < _isInput.Length; index++)
            _isInput[index] = index != TargetIndex && index != RowIdIndex && index != RowWeightIndex
                && !unused.Contains(Attributes[index].Name);
    }

    /// <summary>The attributes, one per column, in column order.</summary>
    public IReadOnlyList<SchemaAttribute> Attributes { get; }

    /// <summary>Whether the first line of every file is a header.</summary>
    public bool HasHeader { get; }

    /// <summary>Name of the attribute to predict, if any.</summary>
    public string? Target { get; }

    /// <summary>Column of <see cref="Target"/>, or -1.</summary>
    public int TargetIndex { get; }

    /// <summary>Name of the attribute that identifies a row, if any; batch output repeats it as <c>tag</c>.</summary>
    public string? RowId { get; }

    /// <summary>Column of <see cref="RowId"/>, or -1.</summary>
    public int RowIdIndex { get; }

    /// <summary>Name of the attribute that weighs a row, if any.</summary>
    public string? RowWeight { get; }

    /// <summary>Column of <see cref="RowWeight"/>, or -1.</summary>
    public int RowWeightIndex { get; }

    /// <summary>Names of unused attributes, as given; some may not exist.</summary>
    public IReadOnlyList<string> Excluded { get; }

    /// <summary>Whether a column is an input of the model: not target, row id, row weight or excluded.</summary>
    public bool IsInput(int index) => _isInput[index];

    /// <summary>Column of the attribute called <paramref name="name"/> (case matters), or -1.</summary>
    public int IndexOf(string name) => _indexes.GetValueOrDefault(name, -1);

    /// <summary>Reads Amazon's JSON, present and older spellings.</summary>
    /// <exception cref="InvalidInputException">The text is no valid schema; the message says where and why.</exception>
    public static DataSchema Parse(string json) => SchemaJson.Parse(json);

    /// <summary>Writes Amazon's JSON: compact, in the key order of schemas made by its console.</summary>
    public string ToJson() => SchemaJson.Write(this);

    /// <summary>The same schema with another target, or none.</summary>
    public DataSchema WithTarget(string? target) => new(Attributes, HasHeader, target, RowId, RowWeight, Excluded);

    /// <summary>The same schema with another row id, or none.</summary>
    public DataSchema WithRowId(string? rowId) => new(Attributes, HasHeader, Target, rowId, RowWeight, Excluded);

    /// <summary>The same schema for data with or without a header.</summary>
    public DataSchema WithHeader(bool hasHeader) => new(Attributes, hasHeader, Target, RowId, RowWeight, Excluded);

    /// <summary>The same schema with another type for one attribute.</summary>
    public DataSchema WithType(string name, AttributeType type)
    {
        var index = Find("attributeName", name);
        var attributes = Attributes.ToArray();
        attributes[index] = new SchemaAttribute(name, type);
        return new(attributes, HasHeader, Target, RowId, RowWeight, Excluded);
    }

    private static FrozenDictionary<string, int> Index(IReadOnlyList<SchemaAttribute> attributes)
    {
        if (attributes.Count == 0)
            throw new InvalidInputException("The schema has no attributes. List one per column of the data in \"attributes\".");
        if (attributes.Count > MaxAttributes)
            throw new InvalidInputException(
                $"The schema has {attributes.Count} attributes; at most {MaxAttributes} are allowed. Leave columns out.");
        var indexes = new Dictionary<string, int>(attributes.Count);
        for (var index = 0; index < attributes.Count; index++)
        {
            var name = attributes[index].Name;
            if (string.IsNullOrEmpty(name))
                throw new InvalidInputException($"$.attributes[{index}].attributeName is empty. Give every column a name.");
            if (!indexes.TryAdd(name, index))
                throw new InvalidInputException(
                    $"$.attributes[{index}].attributeName: \"{name}\" is also the name of $.attributes[{indexes[name]}]. "
                    + "Names must be unique.");
        }
        return indexes.ToFrozenDictionary();
    }

    private int Find(string role, string? name)
    {
        if (name is null)
            return -1;
        var index = IndexOf(name);
        return index >= 0
            ? index
            : throw new InvalidInputException($"$.{role}: there is no attribute \"{name}\".{Nearest(name)}");
    }

    private string Nearest(string name)
    {
        var nearest = Attributes.FirstOrDefault(attribute =>
            string.Equals(attribute.Name.Trim(), name.Trim(), StringComparison.OrdinalIgnoreCase));
        return nearest is null
            ? " Name one of those in \"attributes\"."
            : $" Did you mean \"{nearest.Name}\"? Case and blanks matter.";
    }

    private void CheckRoles()
    {
        if (Target is not null)
        {
            if (Attributes[TargetIndex].Type == AttributeType.Text)
                throw new InvalidInputException(
                    $"$.targetAttributeName: \"{Target}\" is TEXT and cannot be predicted. "
                    + "A target is BINARY, CATEGORICAL or NUMERIC.");
            if (Target == RowId)
                throw new InvalidInputException($"$.targetAttributeName: \"{Target}\" is also the rowId. Name another of them.");
            if (Excluded.Contains(Target))
                throw new InvalidInputException(
                    $"$.targetAttributeName: \"{Target}\" is among excludedAttributeNames. Take it out of there.");
        }
        if (RowWeight is null)
            return;
        if (RowWeight == Target || RowWeight == RowId)
            throw new InvalidInputException(
                $"$.rowWeight: \"{RowWeight}\" is also the target or the rowId. Name another of them.");
        if (Attributes[RowWeightIndex].Type != AttributeType.Numeric)
            throw new InvalidInputException($"$.rowWeight: \"{RowWeight}\" must be NUMERIC to weigh rows.");
    }
}
