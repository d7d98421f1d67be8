using System.Text;
using MlService.Learning.Models;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

public class TargetEncoderTests
{
    [Theory]
    [InlineData("Yes", 1)]
    [InlineData("f", 0)]
    [InlineData("", null)]
    [InlineData("2", null)]
    public void ABinaryTargetIsZeroOrOne(string text, int? expected) => Assert.Equal(expected, Encode(For(AttributeType.Binary), text));

    [Theory]
    [InlineData("2.5", 2.5)]
    [InlineData("-1e3", -1000.0)]
    [InlineData("", null)]
    [InlineData("NaN", null)]
    [InlineData("1e39", null)]
    public void ANumericTargetIsItsNumber(string text, double? expected) => Assert.Equal(expected, Encode(For(AttributeType.Numeric), text));

    [Fact]
    public void ClassesStandByFallingFrequencyThenByTheirBytes()
    {
        var target = For(AttributeType.Categorical, new("b", 5), new("ä", 5), new("a", 5), new("z", 9), new("", 100));
        Assert.Equal(ModelType.Multiclass, target.Type);
        Assert.Equal(["z", "a", "b", "ä"], target.Classes);
        Assert.Equal(3, Encode(target, "ä"));
        Assert.Null(Encode(target, ""));
        Assert.Null(Encode(target, "A"));
    }

    [Fact]
    public void OneClassIsTooFewAndAHundredAndOneAreTooMany()
    {
        Assert.Contains("same value", Error(new ValueCount("a", 7)), StringComparison.Ordinal);
        Assert.Contains("No row has a valid value", Error(), StringComparison.Ordinal);
        var most = Enumerable.Range(0, 100).Select(i => new ValueCount($"c{i}", 1)).ToArray();
        Assert.Equal(100, For(AttributeType.Categorical, most).Classes.Count);
        Assert.Contains("more than 100 classes", Error([.. most, new ValueCount("one more", 1)]), StringComparison.Ordinal);
    }

    [Fact]
    public void ASchemaWithoutTargetIsRefused()
    {
        var schema = new DataSchema([new("y", AttributeType.Binary)]);
        var error = Assert.Throws<InvalidInputException>(() => TargetEncoder.For(schema, []));
        Assert.Contains("targetAttributeName", error.Message, StringComparison.Ordinal);
    }

    private static string Error(params ValueCount[] classes) =>
        Assert.Throws<InvalidInputException>(() => For(AttributeType.Categorical, classes)).Message;

    private static TargetEncoder For(AttributeType type, params ValueCount[] classes) =>
        TargetEncoder.For(new DataSchema([new("x", AttributeType.Numeric), new("y", type)], target: "y"), classes);

    private static double? Encode(TargetEncoder target, string text) =>
        target.TryEncode(Encoding.UTF8.GetBytes(text), out var label) ? label : null;
}
