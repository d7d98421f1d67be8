using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using MlService.Learning.Training;

namespace MlService.Learning.Trees;

/// <summary>The trainers of Microsoft.ML.</summary>
internal static class Boosting
{
    private const string Features = nameof(TreeData.Row.Features);
    private const string Label = nameof(TreeData.Row.Label);
    private const string Value = nameof(TreeData.Row.Value);
    private const string Weight = nameof(TreeData.Row.Weight);

    /// <summary>Learns one output.</summary>
    /// <param name="data">The examples.</param>
    /// <param name="output">Which output.</param>
    /// <param name="parameters">How to learn.</param>
    /// <param name="cancellation">Stops it while it reads.</param>
    /// <param name="without">The examples to leave out.</param>
    /// <returns>Microsoft.ML's own model, and its trees: of a number its value, else the log-odds of the class against the others.</returns>
    public static (ITransformer Model, TreeEnsemble Ensemble) Fit(TreeData data, int output, TrainingParameters parameters, CancellationToken cancellation, Fold without = default)
    {
        var context = new MLContext(Seed(parameters));
        var view = data.View(context, output, cancellation, without);
        if (!data.IsNumber)
        {
            return parameters.Algorithm == Algorithm.FastTree
                ? Opened(context.BinaryClassification.Trainers.FastTree(Set(new FastTreeBinaryTrainer.Options(), parameters, Label)).Fit(view))
                : Opened(context.BinaryClassification.Trainers.LightGbm(Set(new LightGbmBinaryTrainer.Options(), parameters, Label)).Fit(view));
        }
        if (parameters.Algorithm == Algorithm.FastTree)
        {
            var model = context.Regression.Trainers.FastTree(Set(new FastTreeRegressionTrainer.Options(), parameters, Value)).Fit(view);
            return (model, TreeEnsemble.Of(model.Model, 1, 0));
        }
        var light = context.Regression.Trainers.LightGbm(Set(new LightGbmRegressionTrainer.Options(), parameters, Value)).Fit(view);
        return (light, TreeEnsemble.Of(light.Model, 1, 0));
    }

    private static (ITransformer, TreeEnsemble) Opened<T>(BinaryPredictionTransformer<CalibratedModelParametersBase<T, PlattCalibrator>> model)
        where T : TreeEnsembleModelParametersBasedOnRegressionTree
    {
        // Its probability is 1 / (1 + e^(slope·score + offset)).
        var calibrator = model.Model.Calibrator;
        return (model, TreeEnsemble.Of(model.Model.SubModel, -calibrator.Slope, -calibrator.Offset));
    }

    private static TOptions Set<TOptions>(TOptions options, TrainingParameters parameters, string label)
        where TOptions : BoostedTreeOptions
    {
        options.FeatureColumnName = Features;
        options.LabelColumnName = label;
        options.ExampleWeightColumnName = Weight;
        options.NumberOfTrees = parameters.Trees;
        options.NumberOfLeaves = parameters.Leaves;
        options.MinimumExampleCountPerLeaf = parameters.MinExamplesPerLeaf;
        options.LearningRate = parameters.TreeLearningRate;
        options.Seed = Seed(parameters);
        return options;
    }

    private static LightGbmBinaryTrainer.Options Set(LightGbmBinaryTrainer.Options options, TrainingParameters parameters, string label)
    {
        options.FeatureColumnName = Features;
        options.LabelColumnName = label;
        options.ExampleWeightColumnName = Weight;
        options.NumberOfIterations = parameters.Trees;
        options.NumberOfLeaves = parameters.Leaves;
        options.MinimumExampleCountPerLeaf = parameters.MinExamplesPerLeaf;
        options.LearningRate = parameters.TreeLearningRate;
        options.Seed = Seed(parameters);
        (options.Deterministic, options.ForceColumnWise) = (true, true);
        return options;
    }

    // What the two kinds of options have in common is nested in a trainer of four type parameters, whose names would take more room than this.
    private static LightGbmRegressionTrainer.Options Set(LightGbmRegressionTrainer.Options options, TrainingParameters parameters, string label)
    {
        options.FeatureColumnName = Features;
        options.LabelColumnName = label;
        options.ExampleWeightColumnName = Weight;
        options.NumberOfIterations = parameters.Trees;
        options.NumberOfLeaves = parameters.Leaves;
        options.MinimumExampleCountPerLeaf = parameters.MinExamplesPerLeaf;
        options.LearningRate = parameters.TreeLearningRate;
        options.Seed = Seed(parameters);
        (options.Deterministic, options.ForceColumnWise) = (true, true);
        return options;
    }

    private static int Seed(TrainingParameters parameters) => (int)(parameters.Seed % int.MaxValue);
}
