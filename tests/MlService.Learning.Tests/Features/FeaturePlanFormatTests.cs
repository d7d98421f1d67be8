using System.Text;
using CsCheck;
using MlService.Learning.Features;

namespace MlService.Learning.Tests.Features;

public class FeaturePlanFormatTests
{
    private static readonly string Recipe = EncodingHarness.Outputs(
        "ALL_INPUTS", "normalize(n)", "quantile_bin(n, 7)", "quantile_bin(normalize(n), 5)", "cartesian(quantile_bin(m, 5), c)",
        "ngram(lowercase(t), 2) // with a comment", "fill(n, mean)", "fill(m, median)", "clip(m, 1, 2)", "hash(c, 4)", "is_missing(t)");

    private static FeaturePlan Plan() => EncodingHarness.CompileFor(Recipe, EncodingHarness.SchemaOf("n:n m:n c:c t:t b:b y:b"),
        new() { ["n"] = [.. Enumerable.Range(0, 50).Select(i => i * i * 0.1)], ["m"] = [1, 1, 1, 2] });

    private static byte[] Bytes(FeaturePlan plan)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
            plan.Write(writer);
        return stream.ToArray();
    }

    private static FeaturePlan Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        return FeaturePlan.Read(reader);
    }

    [Fact]
    public void APlanReadFromAFileEncodesEveryRowAlike()
    {
        var plan = Plan();
        var copy = Read(Bytes(plan));
        Assert.Equal(Bytes(plan), Bytes(copy));
        Assert.Equal(Recipe, copy.Recipe.Text);
        var (original, reread) = (new EncodingHarness(plan), new EncodingHarness(copy));
        Gen.Select(Gen.Double[-10, 300], Gen.Int[0, 3]).Sample((number, other) =>
        {
            string[] row = [$"{number:R}", other == 3 ? "" : $"{other}", "red", $"Big {other} bus", "1", ""];
            Assert.Equal(original.Encode(row), reread.Encode(row));
        }, threads: 1);
    }

    [Fact]
    public void APlanThatIsCutAnywhereIsRefused()
    {
        var bytes = Bytes(Plan());
        for (var length = 0; length < bytes.Length; length += 3)
            Assert.Throws<InvalidInputException>(() => Read(bytes[..length]));
    }

    [Fact]
    public void ADamagedPlanIsReadOrRefusedAndNothingElse()
    {
        var bytes = Bytes(Plan());
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte).Array[1, 3].Sample(damages =>
        {
            var damaged = bytes.ToArray();
            foreach (var (at, value) in damages)
                damaged[at] = value;
            try
            {
                Assert.NotEqual(0, Read(damaged).SlotCount);
            }
            catch (InvalidInputException error)
            {
                Assert.NotEmpty(error.Message);
            }
        }, iter: 300);
    }

    [Fact]
    public void AnotherVersionIsRefusedByItsNumber()
    {
        var bytes = Bytes(Plan());
        bytes[0] = 9;
        Assert.Contains("version is 9", Assert.Throws<InvalidInputException>(() => Read(bytes)).Message, StringComparison.Ordinal);
    }
}
