using MlService.Learning.Schemas;

namespace MlService.Learning.Models;

/// <summary>What a model predicts; decided by the type of its target.</summary>
public enum ModelType
{
    /// <summary>A BINARY target: the probability of 1, by logistic regression.</summary>
    Binary,

    /// <summary>A CATEGORICAL target of up to 100 classes: a probability for each, by multinomial logistic regression.</summary>
    Multiclass,

    /// <summary>A NUMERIC target: a number, by linear regression.</summary>
    Regression,
}

/// <summary>Amazon ML's names of the model types, and the type that a target leads to.</summary>
public static class ModelTypes
{
    /// <summary>The name on the wire: <c>BINARY</c>, <c>MULTICLASS</c> or <c>REGRESSION</c>.</summary>
    public static string ToText(this ModelType type) => type switch
    {
        ModelType.Binary => "BINARY",
        ModelType.Multiclass => "MULTICLASS",
        ModelType.Regression => "REGRESSION",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>Reads a name on the wire.</summary>
    /// <exception cref="InvalidInputException">It is none of the three.</exception>
    public static ModelType Parse(string text) => text switch
    {
        "BINARY" => ModelType.Binary,
        "MULTICLASS" => ModelType.Multiclass,
        "REGRESSION" => ModelType.Regression,
        _ => throw new InvalidInputException($"\"{text}\" is no model type. Use BINARY, MULTICLASS or REGRESSION."),
    };

    /// <summary>The model type for a target of the given type.</summary>
    /// <exception cref="InvalidInputException">The target is TEXT.</exception>
    public static ModelType Of(AttributeType target) => target switch
    {
        AttributeType.Binary => ModelType.Binary,
        AttributeType.Categorical => ModelType.Multiclass,
        AttributeType.Numeric => ModelType.Regression,
        _ => throw new InvalidInputException(
            "A TEXT attribute cannot be predicted. Choose a BINARY, CATEGORICAL or NUMERIC attribute as target."),
    };
}
