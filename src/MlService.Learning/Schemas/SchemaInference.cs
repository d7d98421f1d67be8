using MlService.Learning.Csv;

namespace MlService.Learning.Schemas;

/// <summary>Guesses a schema from the first rows of a file.</summary>
public static class SchemaInference
{
    /// <summary>Guesses the schema of a CSV file, plain or gzip.</summary>
    /// <param name="stored">The file's bytes from the first one on; disposed. Only the first few megabytes are read.</param>
    /// <param name="hasHeader">Whether the first line is a header, or null to find out.</param>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="InvalidInputException">The file is no CSV text, is empty, or is not separated by commas.</exception>
    public static InferredSchema Infer(Stream stored, bool? hasHeader = null, string name = "The file")
    {
        using var text = CsvText.Open(stored, name, out _);
        using var reader = new CsvReader(text, 0, 0, long.MaxValue);
        if (!reader.Read())
            throw new InvalidInputException($"{name} is empty.");
        var attributes = new SchemaAttribute[reader.FieldCount];
        for (var index = 0; index < attributes.Length; index++)
            attributes[index] = new SchemaAttribute(System.Text.Encoding.UTF8.GetString(reader.Record[index]), AttributeType.Categorical);
        return new InferredSchema(new DataSchema(attributes, hasHeader ?? true), [], [], []);
    }
}
