using Google.Protobuf;
using MlService.Learning.Features;
using MlService.Learning.Models;
using DataType = MlService.Learning.Onnx.TensorProto.Types.DataType;

namespace MlService.Learning.Onnx;

/// <summary>Trees as ONNX's operator TreeEnsembleRegressor, and the table that they look at: a column of binary64 for each feature.</summary>
internal sealed class TreeTranslation(GraphBuilder graph, TreeModel model)
{
    /// <summary>What a node takes at most in the file, with the leaf that each brings.</summary>
    public const long BytesPerNode = 120;

    private readonly List<string> _columns = [];
    private readonly Dictionary<int, int> _columnOf = [];

    /// <summary>Adds the columns of a slot's features.</summary>
    public void AddColumns(SlotFeatures features, PlanTranslation plan, PlanSlot slot)
    {
        foreach (var id in features.Ids)
            _columnOf.Add(id, _columnOf.Count);
        _columns.Add(slot.Kind switch
        {
            PlanSlotKind.Value => Numbers(features, plan.Number(slot.Step)),
            PlanSlotKind.Binary => Marked(features, Looked(features, plan.Binary(slot.Attribute), [null, ""u8.ToArray(), FeaturePlan.Missing.ToArray()])),
            PlanSlotKind.Flag => Marked(features, Looked(features, graph.Cast(plan.Number(slot.Step), DataType.Int64), [null, ""u8.ToArray()])),
            PlanSlotKind.Bin => Marked(features, Looked(features, plan.Bin(slot.Step), [.. model.Plan.Steps[slot.Step].BinTokens, FeaturePlan.Missing.ToArray()])),
            PlanSlotKind.Category => Marked(features, features.Places(new TokenTensor(plan.Text(slot.Attribute), IsSingle: true))),
            PlanSlotKind.Words => Marked(features, features.Places(plan.Words(slot.Attribute))),
            PlanSlotKind.Tokens => Marked(features, features.Places(plan.Tokens(slot.Step))),
            PlanSlotKind.WeightedTokens => Weighted(features, plan.Tokens(slot.Step)),
            _ => throw new InvalidInputException($"{slot.Kind} has no counterpart among ONNX's operators"),
        });
    }

    /// <summary>Adds the scores, rows × outputs: for several classes ln σ(f_k), whose softmax is σ(f_k) / Σ σ(f_j).</summary>
    public string AddScores()
    {
        var nodes = new Nodes();
        var biases = (double[])model.Biases.Clone();
        for (var output = 0; output < biases.Length; output++)
            foreach (var tree in model.Trees[output])
                if (tree.Features.Length == 0)
                    biases[output] += tree.Leaves[0];
                else
                    nodes.Add(tree, output, _columnOf);
        if (nodes.Trees == 0)
            throw new InvalidInputException("The model cannot be exported to ONNX: none of its trees has a branch, so it predicts the same for every row.");
        var table = graph.Add("Concat", [.. _columns], [GraphBuilder.Attribute("axis", 1)]);
        // The operator's sum is binary32: what is common to all rows is added behind it.
        var sums = graph.Cast(graph.Add("TreeEnsembleRegressor", [table], nodes.Attributes(biases.Length), GraphBuilder.MachineLearning), DataType.Double);
        var scores = graph.Add("Add", sums, graph.Constant(biases, 1, biases.Length));
        if (model.Type != ModelType.Multiclass)
            return scores;
        // Below −700 the exponential is no finite number any more.
        var bounded = graph.Add("Max", scores, graph.Constant([-700d], []));
        return graph.Add("Neg", graph.Add("Log", graph.Add("Add", graph.Constant([1d], []), graph.Add("Exp", graph.Add("Neg", bounded)))));
    }

    /// <summary>A number's columns: its standardized value, 0 where it is missing, and 1 where it is missing; those of them that the trees ask for.</summary>
    private string Numbers(SlotFeatures features, string number)
    {
        var isMissing = graph.Add("IsNaN", number);
        var columns = features.Ids.Select(id =>
        {
            if (id >= model.Means.Length)
                return graph.Cast(isMissing, DataType.Double);
            var scaled = graph.Add("Div", graph.Add("Sub", features.Value(number), graph.Constant([model.Means[id]], [])), graph.Constant([model.Deviations[id]], []));
            return graph.Add("Where", isMissing, graph.Constant([0d], []), graph.Cast(graph.Cast(scaled, DataType.Float), DataType.Double));
        });
        return graph.Add("Concat", [.. columns], [GraphBuilder.Attribute("axis", 1)]);
    }

    /// <summary>The places of tokens that an index stands for.</summary>
    private string Looked(SlotFeatures features, string index, byte[]?[] tokens)
    {
        long[] places = [.. tokens.Select(token => token is not null && features.IdOf(token) is >= 0 and var id ? features.PlaceOf(id) : features.Count), features.Count];
        return graph.Add("Gather", graph.Constant(places, places.Length), index);
    }

    /// <summary>Columns that are 1 in the places that a row names (rows × width), else 0.</summary>
    private string Marked(SlotFeatures features, string places) =>
        Scattered(features, places, graph.Add("Expand", graph.Constant([1d], 1, 1), graph.Add("Shape", places)));

    private string Weighted(SlotFeatures features, TokenTensor tokens)
    {
        var (places, values) = features.Weighted(tokens, model.Summary.Examples);
        return Scattered(features, places, values);
    }

    /// <summary>Columns that have values in the places that a row names, else 0; the place behind them is for what is unknown.</summary>
    private string Scattered(SlotFeatures features, string places, string values)
    {
        var rows = graph.Add("Shape", [places], [GraphBuilder.Attribute("start", 0), GraphBuilder.Attribute("end", 1)]);
        var shape = graph.Add("Concat", [rows, graph.Constant([features.Count + 1L], 1)], [GraphBuilder.Attribute("axis", 0)]);
        var zeros = graph.Add("Expand", graph.Constant([0d], 1, 1), shape);
        var marked = graph.Add("ScatterElements", [zeros, places, values], [GraphBuilder.Attribute("axis", 1)]);
        return graph.Add("Slice", marked, graph.Constant([0L], 1), graph.Constant([(long)features.Count], 1), graph.Constant([1L], 1));
    }

    /// <summary>Nodes and leaves of all trees, in lists as the operator wants them.</summary>
    private sealed class Nodes
    {
        private static readonly ByteString Branch = ByteString.CopyFromUtf8("BRANCH_LEQ");
        private static readonly ByteString Leaf = ByteString.CopyFromUtf8("LEAF");

        private readonly List<long> _trees = [], _ids = [], _features = [], _left = [], _right = [];
        private readonly List<double> _thresholds = [];
        private readonly List<ByteString> _modes = [];
        private readonly List<long> _leafTrees = [], _leafIds = [], _leafOutputs = [];
        private readonly List<double> _leaves = [];

        public int Trees { get; private set; }

        /// <summary>Adds a tree whose leaves stand behind its nodes.</summary>
        public void Add(RegressionTree tree, int output, Dictionary<int, int> columnOf)
        {
            var count = tree.Features.Length;
            for (var node = 0; node < count; node++)
                Add(node, Branch, columnOf[tree.Features[node]], tree.Thresholds[node], IdOf(tree.Left[node]), IdOf(tree.Right[node]));
            for (var leaf = 0; leaf < tree.Leaves.Length; leaf++)
            {
                Add(count + leaf, Leaf, 0, 0, 0, 0);
                _leafTrees.Add(Trees);
                _leafIds.Add(count + leaf);
                _leafOutputs.Add(output);
                _leaves.Add(tree.Leaves[leaf]);
            }
            Trees++;

            long IdOf(int child) => child >= 0 ? child : count + ~child;
        }

        public AttributeProto[] Attributes(int outputs) =>
        [
            GraphBuilder.Attribute("n_targets", outputs),
            GraphBuilder.Attribute("nodes_treeids", _trees),
            GraphBuilder.Attribute("nodes_nodeids", _ids),
            GraphBuilder.Attribute("nodes_featureids", _features),
            GraphBuilder.Attribute("nodes_modes", _modes),
            GraphBuilder.Attribute("nodes_values_as_tensor", [.. _thresholds]),
            GraphBuilder.Attribute("nodes_truenodeids", _left),
            GraphBuilder.Attribute("nodes_falsenodeids", _right),
            GraphBuilder.Attribute("target_treeids", _leafTrees),
            GraphBuilder.Attribute("target_nodeids", _leafIds),
            GraphBuilder.Attribute("target_ids", _leafOutputs),
            GraphBuilder.Attribute("target_weights_as_tensor", [.. _leaves]),
        ];

        private void Add(int id, ByteString mode, int feature, double threshold, long left, long right)
        {
            _trees.Add(Trees);
            _ids.Add(id);
            _features.Add(feature);
            _modes.Add(mode);
            _thresholds.Add(threshold);
            _left.Add(left);
            _right.Add(right);
        }
    }
}
