using System.Diagnostics.CodeAnalysis;

namespace MlService.Learning.Schemas;

/// <summary>One column of the data.</summary>
/// <param name="Name">The attribute's name: any characters, at least one, unique within its schema.</param>
/// <param name="Type">How its values are read.</param>
[SuppressMessage("Naming", "CA1711", Justification = "Attribute is the domain's word for a column.")]
public sealed record SchemaAttribute(string Name, AttributeType Type);
