using Microsoft.ML.Trainers.FastTree;
using MlService.Learning.Training;
using RegressionTree = MlService.Learning.Models.RegressionTree;

namespace MlService.Learning.Trees;

/// <summary>Trees that add up to a score, with the features of a <see cref="TreeData"/>.</summary>
/// <param name="Bias">Added to what the trees say.</param>
/// <param name="Trees">The trees.</param>
internal sealed record TreeEnsemble(double Bias, RegressionTree[] Trees)
{
    /// <summary>The score of an example.</summary>
    public double Score(ReadOnlySpan<float> values)
    {
        var score = Bias;
        foreach (var tree in Trees)
            score += tree.Leaves[tree.Leaf(values)];
        return score;
    }

    /// <summary>The trees whose score is <c>slope·score + offset</c>.</summary>
    public TreeEnsemble Scaled(PlattScaling scaling) => new(
        Bias * scaling.Slope + scaling.Offset,
        [.. Trees.Select(tree => tree with { Leaves = [.. tree.Leaves.Select(leaf => leaf * scaling.Slope)] })]);

    /// <summary>Reads the trees of a Microsoft.ML model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="scale">What its score is multiplied by.</param>
    /// <param name="offset">What is then added.</param>
    public static TreeEnsemble Of(TreeEnsembleModelParametersBasedOnRegressionTree model, double scale, double offset)
    {
        var ensemble = model.TrainedTreeEnsemble;
        return new(
            ensemble.Bias * scale + offset,
            [.. ensemble.Trees.Zip(ensemble.TreeWeights, (tree, weight) => Copy(tree, weight * scale))]);
    }

    private static RegressionTree Copy(RegressionTreeBase tree, double scale)
    {
        var nodes = tree.LeafValues.Count - 1;
        return new(
            [.. tree.NumericalSplitFeatureIndexes.Take(nodes)],
            [.. tree.NumericalSplitThresholds.Take(nodes).Select(threshold => Math.Clamp(threshold, float.MinValue, float.MaxValue))],
            [.. tree.LeftChild.Take(nodes)],
            [.. tree.RightChild.Take(nodes)],
            [.. tree.SplitGains.Take(nodes).Select(gain => (float)Math.Clamp(gain, 0, float.MaxValue))],
            new double[nodes],
            [.. tree.LeafValues.Select(value => value * scale)]);
    }
}
