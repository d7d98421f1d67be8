namespace MlService.Learning.Schemas;

/// <summary>Type of an attribute, as in Amazon ML's schema.</summary>
public enum AttributeType
{
    /// <summary>One of the literals <c>0 n no f false</c> or <c>1 y yes t true</c>, in any case.</summary>
    Binary,

    /// <summary>One string, never split; the empty string is a category of its own.</summary>
    Categorical,

    /// <summary>An integer or decimal number; empty is missing.</summary>
    Numeric,

    /// <summary>Words separated by white space.</summary>
    Text,
}
