using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MlService.Tests.Amazon;

/// <summary>Small data that can be learned: a flower is tall where it has water and light.</summary>
internal static class Flowers
{
    /// <summary>The data as CSV with a header; the same at each call.</summary>
    public static string Csv(int rows = 600)
    {
        var random = new Random(7);
        var text = new StringBuilder("water,light,colour,tall,height,size\n");
        for (var row = 0; row < rows; row++)
        {
            var (water, light) = (random.NextDouble(), random.NextDouble());
            var height = 10 * water + 5 * light + random.NextDouble();
            var size = height < 6 ? "small" : height < 10 ? "medium" : "large";
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{water:0.000},{light:0.000},{(light > 0.5 ? "red" : "blue")},{(height > 8 ? 1 : 0)},{height:0.00},{size}");
        }
        return text.ToString();
    }

    /// <summary>SQL that makes a table of the flowers, with one of the targets.</summary>
    public static IEnumerable<string> Table()
    {
        yield return "CREATE TABLE flowers (water double precision, light double precision, colour varchar(10), tall int)";
        var rows = Csv().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','));
        yield return $"INSERT INTO flowers VALUES {string.Join(", ", rows.Select(row => $"({row[0]}, {row[1]}, '{row[2]}', {row[3]})"))}";
    }

    /// <summary>Schema with one of the three targets; the other two are not looked at.</summary>
    public static string Schema(string target = "tall") => $$"""
        {"version": "1.0", "targetAttributeName": "{{target}}", "dataFormat": "CSV", "dataFileContainsHeader": true, "attributes": [
        {"attributeName": "water", "attributeType": "NUMERIC"}, {"attributeName": "light", "attributeType": "NUMERIC"},
        {"attributeName": "colour", "attributeType": "CATEGORICAL"}, {"attributeName": "tall", "attributeType": "BINARY"},
        {"attributeName": "height", "attributeType": "NUMERIC"}, {"attributeName": "size", "attributeType": "CATEGORICAL"}],
        "excludedAttributeNames": [{{string.Join(", ", ((string[])["tall", "height", "size"]).Where(name => name != target).Select(name => $"\"{name}\""))}}]}
        """;

    /// <summary>A text as a JSON string.</summary>
    public static string Quoted(string text) => JsonSerializer.Serialize(text);

    /// <summary>Makes a datasource of the flowers.</summary>
    public static Task Create(HttpClient client, string id, string target = "tall", string more = "") => client.Ask(
        "CreateDataSourceFromS3",
        $$"""{"DataSourceId": "{{id}}", "DataSpec": {"DataLocationS3": "s3://flowers/flowers.csv", "DataSchema": {{Quoted(Schema(target))}}}, "ComputeStatistics": true{{more}}}""");
}
