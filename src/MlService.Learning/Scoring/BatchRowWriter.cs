using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using MlService.Learning.Models;

namespace MlService.Learning.Scoring;

/// <summary>
/// Writes the lines of a batch result: <c>[tag,][trueLabel,]bestAnswer,score</c> for BINARY, <c>[tag,][trueLabel,]score</c> for
/// REGRESSION, <c>[tag,][trueLabel,]class 1,class 2,…</c> for MULTICLASS. Lines end with LF; values that hold a comma, a quote or
/// a line break are quoted (RFC 4180).
/// </summary>
internal sealed class BatchRowWriter
{
    private static readonly SearchValues<byte> Special = SearchValues.Create(",\"\r\n"u8);

    private readonly IBufferWriter<byte> _output;
    private readonly ModelType _type;
    private readonly IReadOnlyList<string> _classes;
    private readonly double _threshold;
    private readonly bool _hasTag;
    private readonly bool _hasTrueLabel;

    /// <summary>Creates a writer.</summary>
    /// <param name="output">Where the lines go.</param>
    /// <param name="model">The model that predicts.</param>
    /// <param name="threshold">BINARY: the best answer is 1 for scores from here up.</param>
    /// <param name="hasTag">Whether the data has a row id.</param>
    /// <param name="hasTrueLabel">Whether the data has the target.</param>
    public BatchRowWriter(IBufferWriter<byte> output, ScoringModel model, double threshold, bool hasTag, bool hasTrueLabel)
        : this(output, model.Type, model.Classes, threshold, hasTag, hasTrueLabel)
    {
    }

    internal BatchRowWriter(
        IBufferWriter<byte> output, ModelType type, IReadOnlyList<string> classes, double threshold, bool hasTag, bool hasTrueLabel)
    {
        _output = output;
        _type = type;
        _classes = classes;
        _threshold = threshold;
        _hasTag = hasTag;
        _hasTrueLabel = hasTrueLabel;
    }

    /// <summary>Writes the header line.</summary>
    public void WriteHeader()
    {
        if (_hasTag)
            _output.Write("tag,"u8);
        if (_hasTrueLabel)
            _output.Write("trueLabel,"u8);
        if (_type == ModelType.Multiclass)
            for (var k = 0; k < _classes.Count; k++)
            {
                if (k > 0)
                    _output.Write(","u8);
                WriteField(Encoding.UTF8.GetBytes(_classes[k]));
            }
        else
            _output.Write(_type == ModelType.Binary ? "bestAnswer,score"u8 : "score"u8);
        _output.Write("\n"u8);
    }

    /// <summary>Writes the line of one record.</summary>
    /// <param name="prediction">What the scorer said.</param>
    /// <param name="tag">The row id; ignored where there is none.</param>
    /// <param name="trueLabel">The target as written in the data; a binary literal comes out as 0 or 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(in Prediction prediction, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> trueLabel)
    {
        if (_hasTag)
        {
            WriteField(tag);
            _output.Write(","u8);
        }
        if (_hasTrueLabel)
        {
            if (_type == ModelType.Binary && Schemas.FieldValue.TryParseBinary(trueLabel, out var isTrue))
            {
                _output.Write(isTrue ? "1,"u8 : "0,"u8);
            }
            else
            {
                WriteField(trueLabel);
                _output.Write(","u8);
            }
        }
        switch (_type)
        {
            case ModelType.Binary:
                var line = _output.GetSpan(ScientificNumber.MaxLength + 3);
                line[0] = (byte)(prediction.Value >= _threshold ? '1' : '0');
                line[1] = (byte)',';
                var length = 2 + ScientificNumber.Format(prediction.Value, line[2..]);
                line[length] = (byte)'\n';
                _output.Advance(length + 1);
                return;
            case ModelType.Regression:
                WriteNumber(prediction.Value);
                break;
            default:
                for (var k = 0; k < prediction.Probabilities.Length; k++)
                {
                    if (k > 0)
                        _output.Write(","u8);
                    WriteNumber(prediction.Probabilities[k]);
                }
                break;
        }
        _output.Write("\n"u8);
    }

    /// <summary>Writes the empty line that stands for a record which could not be processed.</summary>
    public void WriteFailed() => _output.Write("\n"u8);

    private void WriteNumber(double value) =>
        _output.Advance(ScientificNumber.Format(value, _output.GetSpan(ScientificNumber.MaxLength)));

    private void WriteField(ReadOnlySpan<byte> field)
    {
        if (field.IndexOfAny(Special) < 0)
        {
            _output.Write(field);
            return;
        }
        _output.Write("\""u8);
        for (int quote; (quote = field.IndexOf((byte)'"')) >= 0; field = field[(quote + 1)..])
        {
            _output.Write(field[..(quote + 1)]);
            _output.Write("\""u8);
        }
        _output.Write(field);
        _output.Write("\""u8);
    }
}
