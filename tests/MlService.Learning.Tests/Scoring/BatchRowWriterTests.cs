using System.Buffers;
using System.Text;
using MlService.Learning.Models;
using MlService.Learning.Scoring;

namespace MlService.Learning.Tests.Scoring;

public class BatchRowWriterTests
{
    private readonly ArrayBufferWriter<byte> _output = new();

    [Theory]
    [InlineData(ModelType.Binary, true, true, "tag,trueLabel,bestAnswer,score\n")]
    [InlineData(ModelType.Binary, false, false, "bestAnswer,score\n")]
    [InlineData(ModelType.Regression, true, false, "tag,score\n")]
    [InlineData(ModelType.Regression, false, true, "trueLabel,score\n")]
    [InlineData(ModelType.Multiclass, true, true, "tag,trueLabel,red,\"green, dark\"\n")]
    public void TheHeaderNamesTheColumnsOfTheModelType(ModelType type, bool tag, bool label, string expected)
    {
        Writer(type, tag, label).WriteHeader();
        Assert.Equal(expected, Text());
    }

    [Fact]
    public void ABinaryRowAnswersOneFromTheThresholdUp()
    {
        var writer = Writer(ModelType.Binary, tag: true, label: true);
        writer.Write(new Prediction(0.5, [], -1), "r1"u8, "Yes"u8);
        writer.Write(new Prediction(0.25, [], -1), "r2"u8, "n"u8);
        Assert.Equal("r1,1,1,5E-1\nr2,0,0,2.5E-1\n", Text());
    }

    [Fact]
    public void AMulticlassRowHasTheProbabilityOfEachClass()
    {
        Writer(ModelType.Multiclass, tag: false, label: true).Write(new Prediction(0.75, [0.25f, 0.75f], 1), default, "red"u8);
        Assert.Equal("red,2.5E-1,7.5E-1\n", Text());
    }

    [Fact]
    public void ARegressionRowHasTheValue()
    {
        Writer(ModelType.Regression, tag: false, label: false).Write(new Prediction(-15.26385, [], -1), default, default);
        Assert.Equal("-1.526385E1\n", Text());
    }

    [Fact]
    public void ValuesThatWouldBreakTheLineAreQuoted()
    {
        Writer(ModelType.Regression, tag: true, label: true).Write(new Prediction(1, [], -1), "say \"a, b\""u8, "plain"u8);
        Assert.Equal("\"say \"\"a, b\"\"\",plain,1E0\n", Text());
    }

    [Fact]
    public void AFailedRecordIsAnEmptyLine()
    {
        Writer(ModelType.Binary, tag: true, label: true).WriteFailed();
        Assert.Equal("\n", Text());
    }

    private BatchRowWriter Writer(ModelType type, bool tag, bool label) =>
        new(_output, type, type == ModelType.Multiclass ? ["red", "green, dark"] : [], 0.5, tag, label);

    private string Text() => Encoding.UTF8.GetString(_output.WrittenSpan);
}
