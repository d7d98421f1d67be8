using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace MlService.Tests.Chaos;

/// <summary>Rows of a seeded random source, in files, with an id in each that tells where its result belongs.</summary>
internal sealed class Dataset
{
    private static readonly (string Name, string Type)[] Attributes =
        [("id", "CATEGORICAL"), ("age", "NUMERIC"), ("job", "CATEGORICAL"), ("words", "TEXT"), ("bought", "BINARY")];

    private readonly int _idBytes;

    private Dataset(string name, int files, int rowsPerFile, int idBytes, int outcomes)
    {
        (Name, Outcomes) = (name, outcomes);
        Files = [.. Enumerable.Range(0, files).Select(file => $"{file}.csv")];
        RowsPerFile = rowsPerFile;
        _idBytes = idBytes;
    }

    /// <summary>Two files whose results are small.</summary>
    public static Dataset Narrow { get; } = new("narrow", files: 2, rowsPerFile: 10_000, idBytes: 3, outcomes: 1);

    /// <summary>One file whose ids cannot be compressed, so that its result is put together of several parts.</summary>
    public static Dataset Wide { get; } = new("wide", files: 1, rowsPerFile: 20_000, idBytes: 660, outcomes: 6);

    /// <summary>Both.</summary>
    public static IReadOnlyList<Dataset> All { get; } = [Narrow, Wide];

    public string Name { get; }

    /// <summary>
    /// How many different outcomes each part of the work on it may have: 1 where all is done in one process. Else the last digits depend on
    /// how many processes there were when a job began: two models, and each of them evaluated by one, two or three processes.
    /// </summary>
    public int Outcomes { get; }

    public IReadOnlyList<string> Files { get; }

    public int RowsPerFile { get; }

    /// <summary>The ids of a file's rows, in order.</summary>
    public IEnumerable<string> Ids(int file) => Enumerable.Range(0, RowsPerFile).Select(row =>
    {
        var bytes = new byte[_idBytes];
        new Random(row).NextBytes(bytes);
        return string.Create(CultureInfo.InvariantCulture, $"{file}-{row}-{Convert.ToBase64String(bytes)}");
    });

    public byte[] Content(int file)
    {
        var random = new Random(file);
        var text = new StringBuilder().AppendJoin(',', Attributes.Select(attribute => attribute.Name)).Append('\n');
        foreach (var id in Ids(file))
        {
            var job = random.Next(20);
            text.Append(CultureInfo.InvariantCulture, $"{id},{random.Next(18, 90)},j{job},");
            for (var word = 0; word < 8; word++)
                text.Append(CultureInfo.InvariantCulture, $"w{random.Next(5000)} ");
            text.Append(',').Append(random.Next(20) < job ? '1' : '0').Append('\n');
        }
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    public static byte[] Schema() => Encoding.ASCII.GetBytes(new JsonObject
    {
        ["version"] = "1.0",
        ["rowId"] = "id",
        ["targetAttributeName"] = "bought",
        ["dataFormat"] = "CSV",
        ["dataFileContainsHeader"] = true,
        ["attributes"] = new JsonArray([.. Attributes.Select(attribute => new JsonObject { ["attributeName"] = attribute.Name, ["attributeType"] = attribute.Type })]),
    }.ToJsonString());
}
