namespace MlService.Learning.Onnx;

/// <summary>The texts that <see cref="Schemas.FieldValue.TryParseBinary"/> takes, in each combination of cases: ONNX compares exactly.</summary>
internal static class BinaryLiterals
{
    private static readonly (string Text, bool Value)[] LowerCase =
        [("0", false), ("n", false), ("no", false), ("f", false), ("false", false), ("1", true), ("y", true), ("yes", true), ("t", true), ("true", true)];

    /// <summary>All texts with their values.</summary>
    public static List<(string Text, bool Value)> All() =>
        [.. LowerCase.SelectMany(literal => Cases(literal.Text).Distinct().Select(text => (text, literal.Value)))];

    private static IEnumerable<string> Cases(string text) => Enumerable.Range(0, 1 << text.Length).Select(capitals =>
        string.Concat(text.Select((letter, i) => (capitals >> i & 1) == 1 ? char.ToUpperInvariant(letter) : letter)));
}
