using Microsoft.ML;
using Microsoft.ML.Data;
using MlService.Learning.Models;

namespace MlService.Benchmarks.Judgement;

/// <summary>ML.NET's Sdca trainers with default settings, over the features that the engine's recipe makes.</summary>
internal static class JudgedSdca
{
    /// <summary>Trains, and scores the rows to test on.</summary>
    /// <returns>Area under the ROC curve, macro F1, or root of the mean squared error.</returns>
    public static double Judge(ModelType type, IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> test, int features)
    {
        var context = new MLContext(seed: 7);
        var (data, held) = (View(context, train, features), View(context, test, features));
        switch (type)
        {
            case ModelType.Binary:
                return context.BinaryClassification.Evaluate(
                    context.BinaryClassification.Trainers.SdcaLogisticRegression().Fit(data).Transform(held)).AreaUnderRocCurve;
            case ModelType.Regression:
                return context.Regression.Evaluate(
                    context.Regression.Trainers.Sdca("Value").Fit(data).Transform(held), "Value").RootMeanSquaredError;
            default:
                var model = context.Transforms.Conversion.MapValueToKey("Class", "Value")
                    .Append(context.MulticlassClassification.Trainers.SdcaMaximumEntropy("Class")).Fit(data);
                return MacroF1(context.MulticlassClassification.Evaluate(model.Transform(held), "Class").ConfusionMatrix);
        }
    }

    static double MacroF1(ConfusionMatrix matrix) => Enumerable.Range(0, matrix.NumberOfClasses)
        .Where(k => matrix.Counts[k].Sum() > 0)
        .Average(k => 2 * matrix.Counts[k][k] / (matrix.Counts[k].Sum() + matrix.Counts.Sum(row => row[k])));

    static IDataView View(MLContext context, IReadOnlyList<EncodedRow> rows, int features)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return context.Data.LoadFromEnumerable(rows.Select(row => new Row
        {
            Features = new VBuffer<float>(features, row.Ids.Length, row.Values, row.Ids),
            Label = row.Label > 0,
            Value = row.Label,
        }), schema);
    }

    sealed class Row
    {
        public VBuffer<float> Features { get; set; }

        public bool Label { get; set; }

        public float Value { get; set; }
    }
}
