using System.Runtime.InteropServices;
using Google.Protobuf;
using DataType = MlService.Learning.Onnx.TensorProto.Types.DataType;

namespace MlService.Learning.Onnx;

/// <summary>
/// Builds an ONNX graph. A tensor is known by its name; the names of inputs and outputs are the caller's, all others are made here and
/// differ from them.
/// </summary>
internal sealed class GraphBuilder(IEnumerable<string> takenNames)
{
    /// <summary>The operators of ONNX itself.</summary>
    public const string Standard = "";

    /// <summary>ONNX's operators for classic machine learning.</summary>
    public const string MachineLearning = "ai.onnx.ml";

    /// <summary>ONNX Runtime's own operators.</summary>
    public const string Runtime = "com.microsoft";

    /// <summary>Name of the dimension of the rows.</summary>
    private const string Rows = "rows";

    private readonly HashSet<string> _taken = [.. takenNames];
    private readonly SortedDictionary<string, long> _domains = new(StringComparer.Ordinal) { [Standard] = 20 };
    private int _tensors;

    /// <summary>The graph so far.</summary>
    public GraphProto Graph { get; } = new() { Name = "model" };

    /// <summary>The operator sets in use.</summary>
    public IEnumerable<OperatorSetIdProto> Domains =>
        _domains.Select(domain => new OperatorSetIdProto { Domain = domain.Key, Version = domain.Value });

    /// <summary>Adds an input of one value a row.</summary>
    public string Input(string name, DataType type, string description)
    {
        Graph.Input.Add(Value(name, type, 1, description));
        return name;
    }

    /// <summary>Adds an output of <paramref name="width"/> values a row.</summary>
    public void Output(string name, string tensor, DataType type, int width, string description)
    {
        Graph.Node.Add(new NodeProto { OpType = "Identity", Name = name, Input = { tensor }, Output = { name } });
        Graph.Output.Add(Value(name, type, width, description));
    }

    /// <summary>Adds an operator of ONNX itself and gives its result.</summary>
    public string Add(string operation, params ReadOnlySpan<string> inputs) => Add(operation, inputs, []);

    /// <summary>Adds an operator with attributes and gives its result.</summary>
    public string Add(string operation, ReadOnlySpan<string> inputs, ReadOnlySpan<AttributeProto> attributes, string domain = Standard)
    {
        var node = new NodeProto { OpType = operation, Name = NewName(operation) };
        foreach (var input in inputs)
            node.Input.Add(input);
        foreach (var attribute in attributes)
            node.Attribute.Add(attribute);
        node.Output.Add(node.Name);
        if (domain.Length > 0)
        {
            node.Domain = domain;
            _domains[domain] = domain == MachineLearning ? 3 : 1;
        }
        Graph.Node.Add(node);
        return node.Name;
    }

    /// <summary>Sorts each row by falling values.</summary>
    public string Sort(string rows, string width)
    {
        var sorted = Add("TopK", rows, width);
        Graph.Node[^1].Output.Add(NewName("Places"));
        return sorted;
    }

    /// <summary>Adds a type conversion.</summary>
    public string Cast(string tensor, DataType type) => Add("Cast", [tensor], [Attribute("to", (long)type)]);

    /// <summary>Adds a constant; values in the order of rows.</summary>
    public string Constant(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Constant(DataType.Float, MemoryMarshal.AsBytes(values), shape);

    /// <inheritdoc cref="Constant(ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public string Constant(ReadOnlySpan<double> values, params ReadOnlySpan<long> shape) =>
        Constant(DataType.Double, MemoryMarshal.AsBytes(values), shape);

    /// <inheritdoc cref="Constant(ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public string Constant(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Constant(DataType.Int64, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds a list of texts.</summary>
    public string Constant(IEnumerable<ByteString> values)
    {
        var tensor = new TensorProto { Name = NewName("Texts"), DataType = DataType.String };
        tensor.StringData.Add(values);
        tensor.Dims.Add(tensor.StringData.Count);
        Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    public static AttributeProto Attribute(string name, long value) =>
        new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    public static AttributeProto Attribute(string name, string value) =>
        new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String };

    public static AttributeProto Attribute(string name, IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }

    public static AttributeProto Attribute(string name, IEnumerable<ByteString> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Strings };
        attribute.Strings.Add(values);
        return attribute;
    }

    /// <summary>An attribute that is a list of binary64 numbers.</summary>
    public static AttributeProto Attribute(string name, double[] values) => new()
    {
        Name = name,
        T = new TensorProto { DataType = DataType.Double, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<double>(values)), Dims = { values.Length } },
        Type = AttributeProto.Types.AttributeType.Tensor,
    };

    private string Constant(DataType type, ReadOnlySpan<byte> littleEndian, ReadOnlySpan<long> shape)
    {
        var tensor = new TensorProto { Name = NewName("Constant"), DataType = type, RawData = ByteString.CopyFrom(littleEndian) };
        foreach (var length in shape)
            tensor.Dims.Add(length);
        Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string NewName(string of)
    {
        string name;
        do
            name = $"{of}_{++_tensors}";
        while (!_taken.Add(name));
        return name;
    }

    private static ValueInfoProto Value(string name, DataType type, int width, string description) => new()
    {
        Name = name,
        DocString = description,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = type,
                Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = Rows }, new TensorShapeProto.Types.Dimension { DimValue = width } } },
            },
        },
    };
}
