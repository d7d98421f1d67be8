namespace MlService.Learning.Models;

/// <summary>
/// One tree: at node i a record goes left where its feature is at most the threshold, else right, until a leaf. Immutable. A child from 0
/// up is a node, which stands behind its parent; below 0 it is the leaf of its complement. A tree without nodes is its one leaf.
/// </summary>
/// <param name="Features">By node: id of the feature.</param>
/// <param name="Thresholds">By node.</param>
/// <param name="Left">By node: left child.</param>
/// <param name="Right">By node: right child.</param>
/// <param name="Gains">By node: how much the split lowered the loss.</param>
/// <param name="Means">By node: the mean of what its training examples end at.</param>
/// <param name="Leaves">By leaf: what it adds to the score.</param>
internal sealed record RegressionTree(
    int[] Features, float[] Thresholds, int[] Left, int[] Right, float[] Gains, double[] Means, double[] Leaves)
{
    /// <summary>The mean over all training examples.</summary>
    public double Mean => Means.Length == 0 ? Leaves[0] : Means[0];

    /// <summary>The leaf of a record.</summary>
    /// <param name="values">Its value of every feature.</param>
    public int Leaf(ReadOnlySpan<float> values)
    {
        if (Features.Length == 0)
            return 0;
        var node = 0;
        while (node >= 0)
            node = values[Features[node]] <= Thresholds[node] ? Left[node] : Right[node];
        return ~node;
    }

    /// <summary>Adds up, by feature, by how much each split on the way of a record changed the mean: together its leaf less <see cref="Mean"/>.</summary>
    public void Contribute(ReadOnlySpan<float> values, Span<double> contributions)
    {
        var node = Features.Length == 0 ? -1 : 0;
        while (node >= 0)
        {
            var next = values[Features[node]] <= Thresholds[node] ? Left[node] : Right[node];
            contributions[Features[node]] += (next >= 0 ? Means[next] : Leaves[~next]) - Means[node];
            node = next;
        }
    }

    /// <summary>The same tree with means for its nodes.</summary>
    /// <param name="leafWeights">By leaf: the weight of the training examples that end there.</param>
    public RegressionTree WithMeans(ReadOnlySpan<double> leafWeights)
    {
        var means = new double[Features.Length];
        var weights = new double[Features.Length];
        for (var node = Features.Length - 1; node >= 0; node--)
        {
            var (left, leftWeight) = At(Left[node], means, weights, leafWeights);
            var (right, rightWeight) = At(Right[node], means, weights, leafWeights);
            weights[node] = leftWeight + rightWeight;
            means[node] = weights[node] > 0 ? (left * leftWeight + right * rightWeight) / weights[node] : (left + right) / 2;
        }
        return this with { Means = means };
    }

    private (double Mean, double Weight) At(int child, double[] means, double[] weights, ReadOnlySpan<double> leafWeights) =>
        child >= 0 ? (means[child], weights[child]) : (Leaves[~child], leafWeights[~child]);
}
