using CsCheck;
using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

public sealed class ExampleStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("examples-").FullName;

    private sealed record Example(float Label, int[] Tokens, int[] Numbers, float[] Values);

    private static readonly Gen<Example> Examples =
        from label in Gen.Float[-10, 10]
        from tokens in Gen.Int[0, 1_000_000].Array[0, 300]
        from numbers in Gen.Select(Gen.Int[0, 1_000_000], Gen.Float[-5, 5]).Array[0, 5]
        select new Example(label, tokens, [.. numbers.Select(pair => pair.Item1)], [.. numbers.Select(pair => pair.Item2)]);

    [Fact]
    public void WhatGoesInComesOutWhereverItIsKept() => Gen.Select(Examples.Array[0, 80], Gen.Long[0, 30_000]).Sample((examples, memory) =>
    {
        using var store = Fill(examples, 7, new ExampleSpill(_directory, memory));
        Assert.Equal(examples.Length, store.Rows);
        Assert.Equal(examples.Sum(example => example.Tokens.Length + example.Numbers.Length), store.Occurrences);
        var buffer = new ExampleBlock();
        var row = 0;
        for (var index = 0; index < store.BlockCount; index++)
        {
            var block = store.Read(index, buffer);
            Assert.Equal(row, block.FirstRow);
            Assert.Equal(block.Rows, store.RowsOf(index));
            for (var i = 0; i < block.Rows; i++, row++)
            {
                Assert.Equal(examples[row].Label, block.LabelOf(i));
                Assert.Equal(examples[row].Label + 1, block.WeightOf(i));
                Assert.Equal(examples[row].Tokens, block.Tokens(i).ToArray());
                Assert.Equal(examples[row].Numbers, block.Numbers(i).ToArray());
                Assert.Equal(examples[row].Values, block.Values(i).ToArray());
            }
        }
        Assert.Equal(examples.Length, row);
    });

    [Fact]
    public void EveryBlockIsChangedOnceWhoeverReadsIt() => Gen.Select(Examples.Array[1, 80], Gen.Long[0, 30_000]).Sample((examples, memory) =>
    {
        using var store = Fill(examples, 7, new ExampleSpill(_directory, memory));
        store.ChangeWhenRead(block =>
        {
            for (var i = 0; i < block.Rows; i++)
            {
                block.SetTarget(i, block.LabelOf(i) + 100, block.WeightOf(i));
                block.Shorten(i, block.Tokens(i).Length / 2, block.Numbers(i).Length);
            }
        });
        Assert.False(store.IsReady(0));
        var labels = new float[4][];
        Parallel.For(0, labels.Length, reader =>
        {
            var buffer = new ExampleBlock();
            labels[reader] = new float[examples.Length];
            for (var i = 0; i < store.BlockCount; i++)
            {
                var number = reader % 2 == 0 ? i : store.BlockCount - 1 - i;
                if (reader == 3)
                    store.ChangeAhead(number, buffer);
                var block = store.Read(number, buffer);
                for (var row = 0; row < block.Rows; row++)
                {
                    labels[reader][block.FirstRow + row] = block.LabelOf(row);
                    Assert.Equal(examples[block.FirstRow + row].Tokens.Length / 2, block.Tokens(row).Length);
                    Assert.Equal(examples[block.FirstRow + row].Values, block.Values(row).ToArray());
                }
            }
        });
        foreach (var read in labels)
            Assert.Equal(examples.Select(example => example.Label + 100), read);
        Assert.True(store.IsReady(store.BlockCount - 1));
    });

    [Fact]
    public void MemoryStaysWithinItsBudgetAndTheRestIsInAFile()
    {
        var examples = Enumerable.Range(0, 5000).Select(i => new Example(i, [.. Enumerable.Range(i, 20)], [], [])).ToArray();
        using var store = Fill(examples, 100, new ExampleSpill(_directory, 50_000));
        Assert.InRange(store.MemoryBytes, 1, 60_000);
        Assert.InRange(store.SpilledBytes, 5000 * 20 * 4 - 60_000, 5000 * 25 * 4);
    }

    [Fact]
    public void BlocksThatAreFilledInTurnsGrowBesideEachOther()
    {
        using var store = new ExampleStore(new ExampleSpill(_directory, 1 << 30));
        var blocks = Enumerable.Range(0, 3).Select(_ => store.NewBlock(100_000)).ToArray();
        for (var i = 0; i < 3000; i++)
            blocks[i % 3].Add(i, 1, [.. Enumerable.Range(i, 100 + i % 101)], [i], [i / 2f]);
        for (var i = 0; i < 3000; i++)
        {
            var block = blocks[i % 3];
            Assert.Equal(i, block.LabelOf(i / 3));
            Assert.Equal(Enumerable.Range(i, 100 + i % 101), block.Tokens(i / 3).ToArray());
            Assert.Equal([i], block.Numbers(i / 3).ToArray());
            Assert.Equal([i / 2f], block.Values(i / 3).ToArray());
        }
    }

    [Fact]
    public void TheFileIsGoneAfterUse()
    {
        using (Fill([new Example(1, [1, 2, 3], [], [])], 1, new ExampleSpill(_directory, 0)))
            Assert.Single(Directory.GetFiles(_directory));
        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Fact]
    public void AnOrderIsAPermutationThatDependsOnTheSeedOnly()
    {
        var first = new int[1000];
        var again = new int[1000];
        var other = new int[1000];
        Permutation.Fill(first, 5, shuffle: true);
        Permutation.Fill(again, 5, shuffle: true);
        Permutation.Fill(other, 6, shuffle: true);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal(Enumerable.Range(0, 1000), first.Order());
        Assert.True(first.Where((value, i) => value == i).Count() < 10);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static ExampleStore Fill(Example[] examples, int rowsPerBlock, ExampleSpill spill)
    {
        var store = new ExampleStore(spill);
        var block = new ExampleBlock();
        foreach (var example in examples)
        {
            block.Add(example.Label, example.Label + 1, example.Tokens, example.Numbers, example.Values);
            if (block.Rows == rowsPerBlock)
                block = store.Append(block, group: 0);
        }
        store.Append(block, group: 0);
        return store;
    }
}
