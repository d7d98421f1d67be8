using System.Text;
using CsCheck;
using MlService.Learning.Features;

namespace MlService.Learning.Tests.Features;

public class FeatureVocabularyTests
{
    // Few bytes and all lengths around the inline limit, so that tokens share words, ends and slots.
    internal static readonly Gen<(int Slot, byte[] Token)> Keys =
        Gen.Select(Gen.Int[0, 2], Gen.OneOf(Gen.Byte[97, 98].Array[0, 20], Gen.Byte[0, 1].Array[15, 40], Gen.Byte.Array[0, 3]));

    internal static string Key(int slot, ReadOnlySpan<byte> token) => $"{slot}:{Convert.ToHexString(token)}";

    private static FeatureVocabulary Of(params (string Token, int Occurrences)[] features)
    {
        var vocabulary = new FeatureVocabulary();
        foreach (var (token, occurrences) in features)
            vocabulary.AddOccurrences(vocabulary.GetOrAdd(0, Encoding.UTF8.GetBytes(token)), occurrences);
        return vocabulary;
    }

    private static string[] TokensOf(FeatureVocabulary vocabulary) =>
        [.. Enumerable.Range(0, vocabulary.NextId).Where(vocabulary.Contains).Select(id => Encoding.UTF8.GetString(vocabulary.Token(id)))];

    private static FeatureVocabulary Copy(FeatureVocabulary vocabulary, int slots = 3) => Read(Bytes(vocabulary), slots);

    private static byte[] Bytes(FeatureVocabulary vocabulary)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
            vocabulary.Write(writer);
        return stream.ToArray();
    }

    private static FeatureVocabulary Read(byte[] bytes, int slots = 3)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        return FeatureVocabulary.Read(reader, slots);
    }

    [Fact]
    public void ItNumbersFeaturesAsADictionaryDoes() =>
        Keys.Array[0, 300].Sample(keys =>
        {
            var vocabulary = new FeatureVocabulary();
            var expected = new Dictionary<string, int>();
            foreach (var (slot, token) in keys)
            {
                Assert.Equal(expected.GetValueOrDefault(Key(slot, token), -1), vocabulary.Find(slot, token));
                expected.TryAdd(Key(slot, token), expected.Count);
                Assert.Equal(expected[Key(slot, token)], vocabulary.GetOrAdd(slot, token));
            }
            Assert.Equal(expected.Count, vocabulary.Count);
            foreach (var (key, id) in expected)
                Assert.Equal(key, Key(vocabulary.Slot(id), vocabulary.Token(id)));
        });

    [Fact]
    public void AHundredThousandFeaturesAreFoundAgain()
    {
        var vocabulary = new FeatureVocabulary();
        static byte[] Token(int i) => Encoding.UTF8.GetBytes(i % 2 == 0 ? $"{i:x}" : $"a token longer than sixteen bytes {i}");
        for (var i = 0; i < 100_000; i++)
            Assert.Equal(i, vocabulary.GetOrAdd(i % 7, Token(i)));
        for (var i = 0; i < 100_000; i++)
            Assert.Equal(i, vocabulary.Find(i % 7, Token(i)));
        Assert.Equal(-1, vocabulary.Find(8, Token(1)));
        Assert.Equal(Enumerable.Range(0, 100_000).Sum(i => (long)Token(i).Length), vocabulary.TokenBytes);
    }

    [Fact]
    public void PruningRetiresRareFeaturesAndNeverGivesTheirIdsAnew()
    {
        var vocabulary = Of(("often", 3), ("once", 1), ("a rather long token", 2), ("never", 0));
        Assert.Equal(2, vocabulary.Prune(2));
        Assert.Equal(["often", "a rather long token"], TokensOf(vocabulary));
        Assert.Equal((2, 4, -1), (vocabulary.Count, vocabulary.NextId, vocabulary.Find(0, "once"u8)));
        Assert.Equal((0, 2), (vocabulary.GetOrAdd(0, "often"u8), vocabulary.GetOrAdd(0, "a rather long token"u8)));
        Assert.Equal(4, vocabulary.GetOrAdd(0, "once"u8));
        Assert.Equal((0L, 3L), (vocabulary.Occurrences(4), vocabulary.Occurrences(0)));
        Assert.Equal(1, vocabulary.Prune(1));
        Assert.Equal(5, vocabulary.GetOrAdd(0, "new"u8));
    }

    [Fact]
    public void PruningGivesMemoryBack()
    {
        var vocabulary = new FeatureVocabulary();
        for (var i = 0; i < 50_000; i++)
            vocabulary.GetOrAdd(0, Encoding.UTF8.GetBytes($"a rare feature of some length {i}"));
        var before = vocabulary.MemoryBytes;
        vocabulary.Prune(1);
        Assert.InRange(vocabulary.MemoryBytes, 0, before / 10);
    }

    [Fact]
    public void SeveralBecomeOneWhichSaysWhereEachFeatureWent()
    {
        var first = Of(("a", 1), ("b", 2));
        var second = Of(("gone", 0), ("b", 5), ("c", 1));
        second.Prune(1);
        var both = FeatureVocabulary.ByFrequency([first, second], int.MaxValue, out var newIds, out var seen);
        Assert.Equal(["b", "a", "c"], TokensOf(both));
        Assert.Equal([7L, 1L, 1L], [both.Occurrences(0), both.Occurrences(1), both.Occurrences(2)]);
        Assert.Equal([1, 0], newIds[0]);
        Assert.Equal([-1, 0, 2], newIds[1]);
        Assert.Equal(3, seen);
        Assert.Equal([1L, 2L, 5L], [first.Occurrences(0), first.Occurrences(1), second.Occurrences(1)]);
    }

    [Fact]
    public void ByFrequencyIsGroupingAndStableSorting() =>
        Gen.Select(
            Gen.Select(Keys, Gen.OneOf(Gen.Int[0, 5], Gen.Int[0, 5_000], Gen.Int[0, int.MaxValue])).Array[0, 60].Array[1, 12], Gen.Int[0, 300])
            .Sample((parts, most) =>
        {
            var vocabularies = parts.Select(part =>
            {
                var vocabulary = new FeatureVocabulary();
                foreach (var (key, count) in part)
                    vocabulary.AddOccurrences(vocabulary.GetOrAdd(key.Slot, key.Token), count);
                return vocabulary;
            }).ToArray();
            var result = FeatureVocabulary.ByFrequency(vocabularies, most, out var newIds, out var seen);

            // LINQ groups by first appearance, and its sorting is stable.
            var features = parts.SelectMany(part => part).GroupBy(feature => Key(feature.Item1.Slot, feature.Item1.Token))
                .Select(group => (group.First().Item1, Count: Math.Min(group.Sum(feature => (long)feature.Item2), uint.MaxValue)))
                .OrderByDescending(feature => feature.Count).ToArray();
            Assert.Equal(features.Length, seen);
            Assert.Equal(Math.Min(most, seen), result.Count);
            for (var i = 0; i < features.Length; i++)
            {
                var ((slot, token), count) = features[i];
                var id = i < most ? i : -1;
                Assert.Equal(id, result.Find(slot, token));
                for (var v = 0; v < vocabularies.Length; v++)
                    if (vocabularies[v].Find(slot, token) is >= 0 and var local)
                        Assert.Equal(id, newIds[v][local]);
                if (id >= 0)
                    Assert.Equal((Key(slot, token), count), (Key(result.Slot(id), result.Token(id)), result.Occurrences(id)));
            }
        });

    [Fact]
    public void ByFrequencyKeepsTheMostFrequentAndCanGrow()
    {
        var vocabulary = Of(("rare", 1), ("gone", 0), ("often", 9), ("some", 4));
        vocabulary.Prune(1);
        var result = FeatureVocabulary.ByFrequency([vocabulary], 2, out var newIds, out _);
        Assert.Equal(["often", "some"], TokensOf(result));
        Assert.Equal([-1, -1, 0, 1], newIds[0]);
        Assert.Equal(2, result.GetOrAdd(0, "next"u8));
        Assert.Equal(4, vocabulary.GetOrAdd(0, "other"u8));
        Assert.Equal(["often", "some", "next"], TokensOf(result));
        Assert.Equal("other", Encoding.UTF8.GetString(vocabulary.Token(4)));
    }

    [Fact]
    public void CountsStayAtTheirLimit()
    {
        var vocabulary = Of(("a", 1));
        vocabulary.AddOccurrences(0, long.MaxValue);
        vocabulary.AddOccurrences(0, 1);
        Assert.Equal(uint.MaxValue, vocabulary.Occurrences(0));
    }

    [Fact]
    public void ATokenBeyondTheLimitIsRefused() =>
        Assert.Throws<InvalidInputException>(() => new FeatureVocabulary().GetOrAdd(0, new byte[FeatureVocabulary.MaxTokenBytes + 1]));

    [Fact]
    public void AFileGivesTheSameFeaturesIdsAndCounts() =>
        Gen.Select(Keys, Gen.OneOf(Gen.Int[0, 300], Gen.Int[0, int.MaxValue])).Array[0, 50].Sample(features =>
        {
            var vocabulary = new FeatureVocabulary();
            foreach (var (key, count) in features)
                vocabulary.AddOccurrences(vocabulary.GetOrAdd(key.Slot, key.Token), count);
            var copy = Copy(vocabulary);
            Assert.Equal(vocabulary.Count, copy.Count);
            for (var id = 0; id < copy.Count; id++)
                Assert.Equal((id, vocabulary.Occurrences(id)),
                    (copy.Find(vocabulary.Slot(id), vocabulary.Token(id)), copy.Occurrences(id)));
        });

    [Fact]
    public void AFileOfManyBlocksIsReadBack()
    {
        var vocabulary = new FeatureVocabulary();
        for (var i = 0; i < 30_000; i++)
            vocabulary.GetOrAdd(i % 3, Encoding.UTF8.GetBytes($"a token that makes the file long {i}"));
        Assert.Equal(TokensOf(vocabulary), TokensOf(Copy(vocabulary)));
    }

    [Fact]
    public void ADamagedFileIsReadOrRefusedAndAllocatesNoMoreThanItHolds()
    {
        var bytes = Bytes(Of(("first", 1), ("second token of some length", 300), ("", 2)));
        Gen.Select(Gen.Int[0, bytes.Length], Gen.Int[0, bytes.Length - 1], Gen.Byte).Sample((length, at, value) =>
        {
            var damaged = bytes[..length];
            if (at < length)
                damaged[at] = value;
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Assert.InRange(Read(damaged).Count, 0, 3);
            }
            catch (InvalidInputException error)
            {
                Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
        });
    }

    [Fact]
    public void AFileThatIsCutAnywhereIsRefused()
    {
        var bytes = Bytes(Of(("first", 1), ("second", 300)));
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<InvalidInputException>(() => Read(bytes[..length]));
    }

    [Fact]
    public void AFeatureOfAnUnknownSlotIsRefused() =>
        Assert.Throws<InvalidInputException>(() => Copy(Of(("a", 1)), slots: 0));
}
