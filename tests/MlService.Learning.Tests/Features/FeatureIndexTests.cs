using System.Text;
using CsCheck;
using MlService.Learning.Features;

namespace MlService.Learning.Tests.Features;

public class FeatureIndexTests
{
    [Fact]
    public void ItFindsWhatItWasMadeOfAndNothingElse() =>
        Gen.Select(FeatureVocabularyTests.Keys.Array[0, 300], FeatureVocabularyTests.Keys.Array[0, 300]).Sample((known, asked) =>
        {
            var expected = new Dictionary<string, int>();
            var vocabulary = new FeatureVocabulary();
            foreach (var (slot, token) in known)
            {
                expected.TryAdd(FeatureVocabularyTests.Key(slot, token), expected.Count);
                vocabulary.GetOrAdd(slot, token);
            }
            var index = FeatureIndex.Of(vocabulary);
            Assert.Equal(expected.Count, index.Count);
            foreach (var (slot, token) in known.Concat(asked))
                Assert.Equal(expected.GetValueOrDefault(FeatureVocabularyTests.Key(slot, token), -1), index.Find(slot, token));
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700_000)]
    public void ItIsReadFromAFileAndTakesThirteenBytesAFeature(int features)
    {
        static byte[] Token(int i) => Encoding.UTF8.GetBytes(i % 2 == 0 ? $"{i:x}" : $"a token longer than sixteen bytes {i}");
        var vocabulary = new FeatureVocabulary(features);
        for (var i = 0; i < features; i++)
            vocabulary.GetOrAdd(i % 7, Token(i));
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        vocabulary.Write(writer);
        stream.Position = 0;

        var index = FeatureIndex.Read(new BinaryReader(stream), slotCount: 7);
        Assert.Equal(stream.Length, stream.Position);
        Assert.Equal(features, index.Count);
        for (var i = 0; i < features; i++)
            Assert.Equal(i, index.Find(i % 7, Token(i)));
        for (var i = features; i < features + 100_000; i++)
            Assert.Equal(-1, index.Find(i % 7, Token(i)));
        Assert.InRange(Allocation.Least(() => FeatureIndex.Of(vocabulary)), 12L * features, 13L * features + 1024);
    }

    [Fact]
    public void WeightsStandInThePlacesOfIds()
    {
        var vocabulary = new FeatureVocabulary();
        for (var i = 0; i < 1000; i++)
            vocabulary.GetOrAdd(i % 3, Encoding.UTF8.GetBytes($"{i}"));
        var index = FeatureIndex.Of(vocabulary);
        int[] numbers = [500, 0, 999];
        index.PutWeights([.. Enumerable.Range(0, 1000).Select(i => i / 4f)], numbers);
        var ids = Enumerable.Range(0, 1000).Select(i => index.Find(i % 3, Encoding.UTF8.GetBytes($"{i}"))).ToArray();
        Assert.Equal([0, 1, 2], numbers.Select(i => ids[i]));
        Assert.Equal(1000, ids.Distinct().Count());
        for (var i = 0; i < 1000; i++)
            if (!numbers.Contains(i))
                Assert.Equal(i / 4f, index.WeightOf(ids[i]));
        Assert.Equal(-1, index.Find(0, "1"u8));
    }

    [Fact]
    public void AFileWithAFeatureTwiceIsRefused()
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write(2);
        writer.Write(8);
        writer.Write([0, 1, 5, (byte)'a', 0, 1, 6, (byte)'a']);
        file.Position = 0;
        var error = Assert.Throws<InvalidInputException>(() => FeatureIndex.Read(new BinaryReader(file), 1));
        Assert.Contains("twice", error.Message, StringComparison.Ordinal);
    }
}
