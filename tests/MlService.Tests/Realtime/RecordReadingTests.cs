using System.Buffers;
using System.Text;
using System.Text.Json;
using MlService.Learning.Schemas;
using MlService.Realtime;

namespace MlService.Tests.Realtime;

public class RecordReadingTests
{
    private static readonly DataSchema Schema = new(
    [
        new("n", AttributeType.Numeric), new("ünï cödé", AttributeType.Categorical), new("text", AttributeType.Text),
        new("b", AttributeType.Binary),
    ]);

    [Fact]
    public void ARecordThatArrivesInTwoPiecesIsTheSameWhereverItIsCut()
    {
        var json = Encoding.UTF8.GetBytes("""{"n": -12.5e3, " ünï cödé ": "a\"b\u00e9\\ ", "text": "  two words\n", "b": true}""");
        string[] expected = ["-12.5e3", "a\"bé\\", "two words\n", "1"];
        for (var cut = 0; cut <= json.Length; cut++)
            Assert.Equal(expected, Read(Cut(json, cut)));
    }

    [Fact]
    public void AReusedReaderForgetsTheRecordBefore()
    {
        var reading = new RecordReading(Schema);
        Read(reading, new ReadOnlySequence<byte>("""{"n": 1, "text": "long enough to leave traces", "b": true}"""u8.ToArray()));
        Assert.Equal(["", "", "x", ""], Read(reading, new ReadOnlySequence<byte>("""{"text": "x"}"""u8.ToArray())));
    }

    [Fact]
    public void ALaterValueOfTheSameAttributeWins() =>
        Assert.Equal(["2", "", "", ""], Read(new ReadOnlySequence<byte>("""{"n": 1, "n": 2}"""u8.ToArray())));

    private static string[] Read(ReadOnlySequence<byte> json) => Read(new RecordReading(Schema), json);

    private static string[] Read(RecordReading reading, ReadOnlySequence<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        reading.Read(ref reader);
        Assert.Equal(JsonTokenType.EndObject, reader.TokenType);
        var fields = new string[Schema.Attributes.Count];
        for (var column = 0; column < fields.Length; column++)
            fields[column] = Encoding.UTF8.GetString(reading.Record[column]);
        return fields;
    }

    private static ReadOnlySequence<byte> Cut(byte[] bytes, int at)
    {
        var first = new Segment(bytes.AsMemory(0, at), null);
        var second = new Segment(bytes.AsMemory(at), first);
        return new ReadOnlySequence<byte>(first, 0, second, second.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            before?.Next = this;
        }
    }
}
