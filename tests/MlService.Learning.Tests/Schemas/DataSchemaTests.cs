using MlService.Learning.Schemas;

namespace MlService.Learning.Tests.Schemas;

public class DataSchemaTests
{
    private const string ConsoleMade =
        """{"version":"1.0","rowId":"caseNo","rowWeight":null,"targetAttributeName":"paid","dataFormat":"CSV","dataFileContainsHeader":true,"attributes":[{"attributeName":"caseNo","attributeType":"CATEGORICAL"},{"attributeName":"amount","attributeType":"NUMERIC"},{"attributeName":"note é/<>&","attributeType":"TEXT"},{"attributeName":"paid","attributeType":"BINARY"}],"excludedAttributeNames":["note é/<>&","not there"]}""";

    private const string Columns =
        """[{"attributeName":"a","attributeType":"NUMERIC"},{"attributeName":"b","attributeType":"TEXT"},{"attributeName":"c","attributeType":"BINARY"}]""";

    [Fact]
    public void AConsoleMadeSchemaIsUnderstood()
    {
        var schema = DataSchema.Parse(ConsoleMade);
        Assert.Equal(
            [
                new SchemaAttribute("caseNo", AttributeType.Categorical), new SchemaAttribute("amount", AttributeType.Numeric),
                new SchemaAttribute("note é/<>&", AttributeType.Text), new SchemaAttribute("paid", AttributeType.Binary),
            ],
            schema.Attributes);
        Assert.True(schema.HasHeader);
        Assert.Equal(("paid", 3, "caseNo", 0), (schema.Target, schema.TargetIndex, schema.RowId, schema.RowIdIndex));
        Assert.Equal((null, -1), (schema.RowWeight, schema.RowWeightIndex));
        Assert.Equal([false, true, false, false], Enumerable.Range(0, 4).Select(schema.IsInput));
        Assert.Equal([1, -1], new[] { "amount", "Amount" }.Select(schema.IndexOf));
    }

    [Fact]
    public void AConsoleMadeSchemaIsWrittenByteForByte() => Assert.Equal(ConsoleMade, DataSchema.Parse(ConsoleMade).ToJson());

    [Fact]
    public void TheOlderSpellingsMeanTheSame()
    {
        const string Old = """
            { "version": "1.0", "recordAnnotationFieldName": "F1", "recordWeightFieldName": "F2", "targetFieldName": "F3",
              "dataFormat": "CSV", "dataFileContainsHeader": true,
              "variables": [ { "fieldName": "F1", "fieldType": "TEXT" }, { "fieldName": "F2", "fieldType": "NUMERIC" },
                             { "fieldName": "F3", "fieldType": "CATEGORICAL" }, { "fieldName": "F4", "fieldType": "NUMERIC" } ],
              "excludedVariableNames": [ "F6" ] }
            """;
        var schema = DataSchema.Parse(Old);
        Assert.Equal(("F1", "F2", "F3"), (schema.RowId, schema.RowWeight, schema.Target));
        Assert.Equal(["F6"], schema.Excluded);
        Assert.Equal([false, false, false, true], Enumerable.Range(0, 4).Select(schema.IsInput));
        Assert.StartsWith("""{"version":"1.0","rowId":"F1","rowWeight":"F2","targetAttributeName":"F3",""", schema.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyAttributesAreNeeded()
    {
        var schema = DataSchema.Parse($$"""{"attributes":{{Columns}}}""");
        Assert.False(schema.HasHeader);
        Assert.Null(schema.Target);
        Assert.Empty(schema.Excluded);
    }

    [Theory]
    [InlineData("""{"attributes":COLUMNS,"colour":1}""", "$.colour: unknown key", "targetAttributeName")]
    [InlineData("""{"attributes":COLUMNS,"rowId":"a","recordAnnotationFieldName":"a"}""", "$.recordAnnotationFieldName", "Keep \"rowId\"")]
    [InlineData("""{"version":"2.0","attributes":COLUMNS}""", "$.version", "\"1.0\"")]
    [InlineData("""{"dataFormat":"TSV","attributes":COLUMNS}""", "$.dataFormat", "\"CSV\"")]
    [InlineData("""{"dataFileContainsHeader":"perhaps","attributes":COLUMNS}""", "$.dataFileContainsHeader", "true or false")]
    [InlineData("""{"targetAttributeName":5,"attributes":COLUMNS}""", "$.targetAttributeName", "a string, not 5")]
    [InlineData("""{"targetAttributeName":"d","attributes":COLUMNS}""", "$.targetAttributeName", "no attribute \"d\"")]
    [InlineData("""{"targetAttributeName":"C","attributes":COLUMNS}""", "$.targetAttributeName", "Did you mean \"c\"")]
    [InlineData("""{"targetAttributeName":"b","attributes":COLUMNS}""", "TEXT", "BINARY, CATEGORICAL or NUMERIC")]
    [InlineData("""{"targetAttributeName":"c","rowId":"c","attributes":COLUMNS}""", "$.targetAttributeName", "rowId")]
    [InlineData("""{"targetAttributeName":"c","excludedAttributeNames":["c"],"attributes":COLUMNS}""", "\"c\"", "excludedAttributeNames")]
    [InlineData("""{"rowId":"x","attributes":COLUMNS}""", "$.rowId", "no attribute \"x\"")]
    [InlineData("""{"rowWeight":"b","attributes":COLUMNS}""", "$.rowWeight", "NUMERIC")]
    [InlineData("""{"rowWeight":"a","targetAttributeName":"a","attributes":COLUMNS}""", "$.rowWeight", "target")]
    [InlineData("""{"excludedAttributeNames":"a","attributes":COLUMNS}""", "$.excludedAttributeNames", "array")]
    [InlineData("""{"excludedAttributeNames":[1],"attributes":COLUMNS}""", "$.excludedAttributeNames[0]", "a string")]
    [InlineData("""{"attributes":[]}""", "no attributes", "one per column")]
    [InlineData("""{}""", "$.attributes is missing", "column order")]
    [InlineData("""{"attributes":{}}""", "$.attributes", "an array")]
    [InlineData("""{"attributes":[7]}""", "$.attributes[0]", "an object")]
    [InlineData("""{"attributes":[{"attributeName":"a"}]}""", "$.attributes[0].attributeType is missing", "BINARY")]
    [InlineData("""{"attributes":[{"attributeType":"TEXT"}]}""", "$.attributes[0].attributeName", "missing")]
    [InlineData("""{"attributes":[{"attributeName":"","attributeType":"TEXT"}]}""", "$.attributes[0].attributeName", "empty")]
    [InlineData("""{"attributes":[{"attributeName":"a","attributeType":"text"}]}""", "$.attributes[0].attributeType", "in capitals")]
    [InlineData("""{"attributes":[{"attributeName":"a","fieldName":"a","attributeType":"TEXT"}]}""", "$.attributes[0].fieldName", "twice")]
    [InlineData("""{"attributes":[{"name":"a"}]}""", "$.attributes[0].name: unknown key", "attributeName")]
    [InlineData("""{"attributes":[{"attributeName":"w","attributeType":"WEIGHTED_INT_SEQUENCE"}]}""", "WEIGHTED_INT_SEQUENCE", "not supported")]
    [InlineData("""{"attributes":[{"attributeName":"w","attributeType":"WEIGHTED_STRING_SEQUENCE"}]}""", "$.attributes[0]", "not supported")]
    [InlineData("""{"attributes":[{"attributeName":"a","attributeType":"TEXT"},{"attributeName":"a","attributeType":"TEXT"}]}""", "$.attributes[1]", "unique")]
    [InlineData("""{"attributes":[{"attributeName":"\uD800","attributeType":"TEXT"}]}""", "$.attributes[0].attributeName", "surrogate")]
    [InlineData("""[1]""", "$ must be", "an array")]
    [InlineData("{\n  \"version\": 1.0.0\n}", "line 2", "not valid JSON")]
    [InlineData("""{"version":"1.0","version":"1.0"}""", "not valid JSON", "version")]
    [InlineData("", "not valid JSON", "line 1")]
    [InlineData("age,job\n57,technician\n", "not valid JSON", "line 1")]
    public void AWrongSchemaIsAnErrorThatSaysWhereAndWhat(string json, string where, string what)
    {
        var error = Assert.Throws<InvalidInputException>(() => DataSchema.Parse(json.Replace("COLUMNS", Columns, StringComparison.Ordinal)));
        Assert.Contains(where, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AThousandAttributesAreAllowedAndNoMore()
    {
        SchemaAttribute[] Some(int count) => [.. Enumerable.Range(0, count).Select(index => new SchemaAttribute($"a{index}", AttributeType.Text))];
        Assert.Equal(999, new DataSchema(Some(1000)).IndexOf("a999"));
        var error = Assert.Throws<InvalidInputException>(() => new DataSchema(Some(1001)));
        Assert.Contains("1001", error.Message, StringComparison.Ordinal);
        Assert.Contains("1000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AHugeOrDeeplyNestedTextIsRefused()
    {
        Assert.Throws<InvalidInputException>(() => DataSchema.Parse(new string(' ', 10_000_000)));
        Assert.Throws<InvalidInputException>(() => DataSchema.Parse(new string('[', 100_000)));
    }

    [Fact]
    public void PartsCanBeReplaced()
    {
        var schema = DataSchema.Parse(ConsoleMade);
        Assert.Equal(1, schema.WithTarget("amount").TargetIndex);
        Assert.Null(schema.WithTarget(null).Target);
        Assert.True(schema.WithRowId(null).IsInput(0));
        Assert.False(schema.WithHeader(false).HasHeader);
        Assert.Equal(AttributeType.Numeric, schema.WithType("caseNo", AttributeType.Numeric).Attributes[0].Type);
        Assert.Equal(AttributeType.Categorical, schema.Attributes[0].Type);
        Assert.Throws<InvalidInputException>(() => schema.WithType("paid", AttributeType.Text));
    }
}
