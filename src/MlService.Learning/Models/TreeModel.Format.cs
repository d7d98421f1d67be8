using MlService.Learning.Features;
using MlService.Learning.Training;

namespace MlService.Learning.Models;

/// <content>
/// What is a tree model's own in its file: number of numbers, their means and deviations (binary64); then for each output its bias
/// (binary64), its number of trees, and of each the number of nodes n, features, thresholds, left and right children, gains (int32,
/// binary32, int32, int32, binary32; n each), means (binary64; n) and leaves (binary64; n + 1).
/// </content>
public sealed partial class TreeModel
{
    private const int MaxTrees = 100_000;
    private const int MaxNodes = 1 << 20;

    internal static TreeModel Read(BinaryReader reader, ModelHead head)
    {
        var vocabulary = FeatureVocabulary.Read(reader, head.Plan.SlotCount);
        var numbers = reader.ReadInt32();
        if (numbers < 0 || numbers > vocabulary.Count)
            throw ModelFile.Damaged("it has more numbers than features");
        var means = ReadDoubles(reader, numbers);
        var deviations = ReadDoubles(reader, numbers);
        if (deviations.Any(deviation => deviation <= 0))
            throw ModelFile.Damaged("a deviation is not above 0");
        var biases = new double[head.Target.Outputs];
        var trees = new RegressionTree[head.Target.Outputs][];
        for (var k = 0; k < trees.Length; k++)
        {
            biases[k] = ReadDoubles(reader, 1)[0];
            trees[k] = [.. ReadList(reader, MaxTrees, () => ReadTree(reader, vocabulary.Count))];
        }
        return new(head, vocabulary, means, deviations, biases, trees);
    }

    private protected override void WriteLearned(BinaryWriter writer)
    {
        writer.Write(Means.Length);
        WriteAll(Means, writer.Write);
        WriteAll(Deviations, writer.Write);
        for (var k = 0; k < Trees.Length; k++)
        {
            writer.Write(Biases[k]);
            WriteList(writer, Trees[k], tree => WriteTree(writer, tree));
        }
    }

    private static void WriteTree(BinaryWriter writer, RegressionTree tree)
    {
        writer.Write(tree.Features.Length);
        WriteAll(tree.Features, writer.Write);
        WriteAll(tree.Thresholds, writer.Write);
        WriteAll(tree.Left, writer.Write);
        WriteAll(tree.Right, writer.Write);
        WriteAll(tree.Gains, writer.Write);
        WriteAll(tree.Means, writer.Write);
        WriteAll(tree.Leaves, writer.Write);
    }

    private static RegressionTree ReadTree(BinaryReader reader, int features)
    {
        var nodes = reader.ReadInt32();
        if (nodes is < 0 or > MaxNodes)
            throw ModelFile.Damaged($"a tree of {nodes} nodes");
        var tree = new RegressionTree(
            ReadIntegers(reader, nodes), ReadFloats(reader, nodes), ReadIntegers(reader, nodes), ReadIntegers(reader, nodes),
            ReadFloats(reader, nodes), ReadDoubles(reader, nodes), ReadDoubles(reader, nodes + 1));
        if (tree.Features.Any(feature => (uint)feature >= (uint)features))
            throw ModelFile.Damaged("a tree asks for a feature that is not there");
        // Children behind their parents: so that every way ends.
        for (var node = 0; node < nodes; node++)
            if (!IsChild(tree.Left[node], node, nodes) || !IsChild(tree.Right[node], node, nodes))
                throw ModelFile.Damaged("a tree has a node out of its place");
        return tree;
    }

    private static bool IsChild(int child, int node, int nodes) => child > node && child < nodes || child < 0 && ~child <= nodes;

    private static void WriteAll<T>(T[] values, Action<T> write)
    {
        foreach (var value in values)
            write(value);
    }

    private static int[] ReadIntegers(BinaryReader reader, int count)
    {
        var values = new int[count];
        foreach (ref var value in values.AsSpan())
            value = reader.ReadInt32();
        return values;
    }

    private static double[] ReadDoubles(BinaryReader reader, int count)
    {
        var values = new double[count];
        foreach (ref var value in values.AsSpan())
            if (!double.IsFinite(value = reader.ReadDouble()))
                throw ModelFile.Damaged("a number is none");
        return values;
    }
}
