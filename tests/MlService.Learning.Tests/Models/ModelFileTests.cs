using System.Buffers.Binary;
using MlService.Learning.Models;
using MlService.Learning.Tests.Training;

namespace MlService.Learning.Tests.Models;

public class ModelFileTests
{
    private static readonly TrainingHarness Harness = new(
        "color:Categorical size:Numeric y:Binary", "y", TrainingHarness.Csv(60, i => $"c{i % 3},{i % 7},{i % 2}"));

    private static readonly LinearModel Model = Harness.Train();

    private static readonly byte[] File = TrainingHarness.Bytes(Model);

    [Fact]
    public void AModelComesBackAsItWas()
    {
        var copy = LearnedModel.Load(new MemoryStream(File));
        Assert.Equal(File, TrainingHarness.Bytes(copy));
        Assert.Equal(Model.Weights(), copy.Weights());
        Assert.Equal(Model.Parameters, copy.Parameters);
        Assert.Equal(Model.Log.Entries, copy.Log.Entries);
        Assert.Equal(Model.Summary with { LabelCounts = [], Folds = [] }, copy.Summary with { LabelCounts = [], Folds = [] });
        Assert.Equal(Model.Summary.LabelCounts, copy.Summary.LabelCounts);
        const string Rows = "c0,3,0\nc1,,0\nunknown,100,0\n";
        Assert.Equal(Harness.Score(Model, Rows), Harness.Score(copy, Rows));
        Assert.Equal(File.Length, copy.SizeInBytes);
    }

    [Theory]
    [InlineData("color:Categorical size:Numeric words:Text y:Binary", """{"outputs": ["ALL_INPUTS"]}""")]
    [InlineData("color:Categorical size:Numeric words:Text y:Categorical", """{"outputs": ["color", "quantile_bin(size, 5)", "tfidf(words)"]}""")]
    public void AModelLoadedToScoreScoresAndExplainsAsTheWholeOneDoes(string schema, string recipe)
    {
        var harness = new TrainingHarness(schema, "y", TrainingHarness.Csv(200, i => $"c{i % 3},{i % 7},w{i % 5} v w{i % 11},{i / 2 % 2}"), recipe);
        var file = TrainingHarness.Bytes(harness.Train());
        var whole = LearnedModel.Load(new MemoryStream(file));
        var toScore = ScoringModel.Load(new MemoryStream(file));
        const string Rows = "c0,3,w1 v w1 w9,0\nc1,,unknown v,0\nunknown,100,,0\n";
        Assert.Equal(harness.Score(whole, Rows), harness.Score(toScore, Rows));
        foreach (var row in Rows.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Equal(harness.Explain(whole, row + "\n").Contributions, harness.Explain(toScore, row + "\n").Contributions);
        Assert.Equal(whole.FeatureCount, toScore.FeatureCount);
    }

    [Fact]
    public void AModelOfSeveralClassesComesBackAsItWas()
    {
        var harness = new TrainingHarness("x:Numeric w:Text y:Categorical", "y", TrainingHarness.Csv(90, i => $"{i},w{i % 5} v,k{i % 3}"));
        var bytes = TrainingHarness.Bytes(harness.Train());
        var copy = LearnedModel.Load(new MemoryStream(bytes));
        Assert.Equal(3, copy.Classes.Count);
        Assert.Equal(bytes, TrainingHarness.Bytes(copy));
    }

    [Fact]
    public void AFileWithAnyByteChangedIsRefused()
    {
        for (var i = 0; i < File.Length; i++)
            foreach (var change in (byte[])[0x01, 0x80, 0xFF])
            {
                byte[] broken = [.. File];
                broken[i] ^= change;
                Assert.Throws<InvalidInputException>(() => LearnedModel.Load(new MemoryStream(broken)));
            }
    }

    [Fact]
    public void AFileCutAnywhereIsRefused()
    {
        for (var length = 0; length < File.Length; length++)
            Assert.Throws<InvalidInputException>(() => LearnedModel.Load(new MemoryStream(File, 0, length)));
    }

    [Fact]
    public void ANewerVersionIsRefusedByItsNumber()
    {
        byte[] newer = [.. File];
        BinaryPrimitives.WriteUInt16LittleEndian(newer.AsSpan(8), 7);
        var error = Assert.Throws<InvalidInputException>(() => LearnedModel.Load(new MemoryStream(newer)));
        Assert.Contains("version 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("newer program", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherKindOfFileIsRefused()
    {
        var error = Assert.Throws<InvalidInputException>(() => LearnedModel.Load(new MemoryStream("a,b,c\n1,2,3\n4,5,6\n"u8.ToArray())));
        Assert.Contains("no MlService model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ContentWithRightChecksumsButWithoutSenseIsRefusedToo()
    {
        var random = new Random(1);
        var content = Content();
        for (var trial = 0; trial < 300; trial++)
        {
            byte[] changed = [.. content];
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            using var file = new MemoryStream();
            using (var frames = ModelFile.Write(file))
                frames.Write(changed.AsSpan(0, trial % 3 == 0 ? random.Next(changed.Length) : changed.Length));
            file.Position = 0;
            try
            {
                LearnedModel.Load(file);
            }
            catch (InvalidInputException)
            {
                // Refused, as most changes are; one within a weight or a name makes just another model.
            }
        }
    }

    [Fact]
    public void LoadingReadsUpToTheEndOfTheModelOnly()
    {
        using var stream = new MemoryStream([.. File, 1, 2, 3]);
        LearnedModel.Load(stream);
        Assert.Equal(File.Length, stream.Position);
    }

    private static byte[] Content()
    {
        using var content = new MemoryStream();
        using var frames = ModelFile.Read(new MemoryStream(File));
        frames.CopyTo(content);
        return content.ToArray();
    }
}
