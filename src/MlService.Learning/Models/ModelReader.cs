using System.Text;

namespace MlService.Learning.Models;

/// <summary>Reads a model's content. A text's length is checked first: the framework takes a wrong one for a fault of the disk.</summary>
internal sealed class ModelReader(Stream content) : BinaryReader(content, Encoding.UTF8)
{
    private const int MaxTextBytes = 1 << 24;

    public override string ReadString()
    {
        var length = Read7BitEncodedInt();
        if (length is < 0 or > MaxTextBytes)
            throw ModelFile.Damaged($"a text of {length} bytes");
        var bytes = ReadBytes(length);
        return bytes.Length == length ? Encoding.UTF8.GetString(bytes) : throw new EndOfStreamException();
    }
}
