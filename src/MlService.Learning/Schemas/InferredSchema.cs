namespace MlService.Learning.Schemas;

/// <summary>A schema guessed from data, with the reasons.</summary>
/// <param name="Schema">The guess, target and row id included where one suggests itself.</param>
/// <param name="Rows">The first rows of data (no header) as text, one string per attribute; long values are shortened.</param>
/// <param name="Reasons">Why each attribute has its type, in the order of the schema.</param>
/// <param name="Notes">Why there is a header or none, a target, a row id; rows left out; anything else worth a look.</param>
public sealed record InferredSchema(
    DataSchema Schema,
    IReadOnlyList<IReadOnlyList<string>> Rows,
    IReadOnlyList<AttributeReason> Reasons,
    IReadOnlyList<string> Notes);

/// <summary>Why an attribute has its type.</summary>
/// <param name="Name">The attribute.</param>
/// <param name="Type">Its type.</param>
/// <param name="Reason">What the values look like, in words.</param>
public sealed record AttributeReason(string Name, AttributeType Type, string Reason);
