using MlService.Learning.Schemas;

namespace MlService.Console.DataSources;

/// <summary>A schema that is being edited: the inferred one at first.</summary>
public sealed class SchemaDraft
{
    private const int Samples = 5;

    /// <summary>Starts from what was inferred.</summary>
    public SchemaDraft(InferredSchema inferred)
    {
        var schema = inferred.Schema;
        HasHeader = schema.HasHeader;
        Rows = inferred.Rows;
        Notes = inferred.Notes;
        Attributes = [.. schema.Attributes.Select((attribute, index) => new AttributeDraft
        {
            Index = index,
            Name = attribute.Name,
            Type = attribute.Type,
            Role = index == schema.TargetIndex ? AttributeRole.Target
                : index == schema.RowIdIndex ? AttributeRole.RowId
                : index == schema.RowWeightIndex ? AttributeRole.RowWeight
                : schema.IsInput(index) ? AttributeRole.Input : AttributeRole.LeftOut,
            Reason = inferred.Reasons[index].Reason,
            Samples = [.. inferred.Rows.Select(row => row[index]).Distinct().Take(Samples)],
        })];
    }

    /// <summary>Whether the first line has the names.</summary>
    public bool HasHeader { get; }

    /// <summary>The first rows, as text.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows { get; }

    /// <summary>What was noticed.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The columns.</summary>
    public IReadOnlyList<AttributeDraft> Attributes { get; }

    /// <summary>The attribute to predict, if any.</summary>
    public AttributeDraft? Target => Attributes.FirstOrDefault(attribute => attribute.Role == AttributeRole.Target);

    /// <summary>What is learned from the target, in words; null without one that can be learned.</summary>
    public string? ModelInWords => Target?.Type switch
    {
        AttributeType.Binary => "a binary model: yes or no, with a score",
        AttributeType.Categorical => "a multiclass model: one of several classes",
        AttributeType.Numeric => "a regression model: a number",
        _ => null,
    };

    /// <summary>Gives an attribute a role. Target, row id and row weight are one column each: who had the role becomes an input.</summary>
    public void Assign(AttributeDraft attribute, AttributeRole role)
    {
        if (role is AttributeRole.Target or AttributeRole.RowId or AttributeRole.RowWeight)
        {
            foreach (var other in Attributes.Where(other => other.Role == role))
                other.Role = AttributeRole.Input;
        }
        attribute.Role = role;
    }

    /// <summary>The schema as it now stands.</summary>
    /// <exception cref="Learning.InvalidInputException">Names, types and roles do not go together.</exception>
    public DataSchema ToSchema() => new(
        [.. Attributes.Select(attribute => new SchemaAttribute(attribute.Name, attribute.Type))],
        HasHeader,
        NameOf(AttributeRole.Target),
        NameOf(AttributeRole.RowId),
        NameOf(AttributeRole.RowWeight),
        [.. Attributes.Where(attribute => attribute.Role == AttributeRole.LeftOut).Select(attribute => attribute.Name)]);

    private string? NameOf(AttributeRole role) => Attributes.FirstOrDefault(attribute => attribute.Role == role)?.Name;
}

/// <summary>One column of a schema that is being edited.</summary>
public sealed class AttributeDraft
{
    /// <summary>The column, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; set; }

    /// <summary>How its values are read.</summary>
    public required AttributeType Type { get; set; }

    /// <summary>What it is for.</summary>
    public required AttributeRole Role { get; set; }

    /// <summary>Why it was given its type.</summary>
    public required string Reason { get; init; }

    /// <summary>A few of its values.</summary>
    public required IReadOnlyList<string> Samples { get; init; }
}

/// <summary>What a column is for.</summary>
public enum AttributeRole
{
    /// <summary>The model may learn from it.</summary>
    Input,

    /// <summary>It is to be predicted.</summary>
    Target,

    /// <summary>It names the row, and is repeated in the results of batch predictions.</summary>
    RowId,

    /// <summary>It says how much the row counts.</summary>
    RowWeight,

    /// <summary>It is not used.</summary>
    LeftOut,
}
