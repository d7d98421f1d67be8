using System.Text;
using MlService.Learning.Metrics;

namespace MlService.Learning.Tests.Metrics;

/// <summary>Values of scikit-learn 1.2.1, printed by scikit-learn-metrics.py beside this file.</summary>
public class MetricsAgainstScikitLearnTests
{
    private static readonly float[] Scores =
    [
        0.57f, 0.25f, 0.46f, 0.26f, 0.32f, 0.5f, 0.29f, 0.88f, 0.38f, 0.52f, 0.3f, 0.3f, 0.69f, 0.62f, 0.54f, 0f, 0.31f, 0.5f, 0.37f, 0.74f,
        0.67f, 0.48f, 0.29f, 0.22f, 0.41f, 0.41f, 0.68f, 0.66f, 0.59f, 0.33f, 0.84f, 0.09f, 0.47f, 0.32f, 0.77f, 0.34f, 0.1f, 0.49f, 0.23f, 0.46f,
    ];

    private static readonly int[] Labels =
    [
        1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1,
    ];

    private static readonly int[] Actual =
    [
        0, 1, 1, 1, 2, 0, 0, 2, 2, 2, 0, 2, 0, 2, 3, 2, 2, 0, 1, 1, 2, 2, 1, 1, 3, 1, 2, 0, 1, 0,
        0, 2, 3, 1, 1, 3, 1, 0, 3, 0, 1, 3, 2, 0, 1, 1, 1, 2, 3, 0, 0, 3, 3, 3, 1, 0, 0, 1, 0, 3,
    ];

    private static readonly int[] Predicted =
    [
        0, 1, 1, 0, 3, 3, 0, 2, 0, 2, 0, 2, 0, 2, 3, 2, 2, 1, 1, 1, 2, 0, 3, 1, 3, 1, 2, 0, 0, 0,
        0, 2, 3, 1, 2, 3, 1, 0, 3, 0, 1, 3, 0, 0, 1, 1, 1, 1, 2, 0, 0, 2, 1, 3, 2, 1, 3, 3, 0, 3,
    ];

    private static readonly double[] Targets =
    [
        14.4, 37.6, 42.1, 39.8, 20.7, 34.1, 48.6, 15.0, 34.8, 41.1, 23.0, 35.8, 19.3,
        21.9, 21.8, 31.9, 29.1, 39.5, 20.6, 28.7, 39.6, 35.6, 16.8, 36.7, 25.2,
    ];

    private static readonly double[] Predictions =
    [
        14.9, 37.8, 46.0, 39.3, 12.3, 27.6, 50.5, 13.0, 38.4, 41.2, 19.0, 39.1, 15.1,
        12.7, 29.1, 23.3, 30.6, 42.3, 20.2, 21.0, 42.7, 28.8, 10.4, 34.3, 27.4,
    ];

    [Fact]
    public void BinaryFiguresAreScikitLearns()
    {
        var metrics = new BinaryMetrics();
        for (var i = 0; i < Scores.Length; i++)
            metrics.Add(Scores[i], Labels[i] == 1);
        var report = metrics.ToReport(0.5);
        Assert.Equal(0.7693333333333333, report.Auc!.Value, 12);
        Assert.Equal(0.5486298418997777, report.LogLoss!.Value, 8);
        Assert.Equal(0.18745250053763401, report.BrierScore!.Value, 8);
        Assert.Equal(0.65, report.Accuracy, 12);
        Assert.Equal(0.5333333333333333, report.Precision, 12);
        Assert.Equal(0.5333333333333333, report.Recall, 12);
        Assert.Equal(0.5333333333333333, report.F1, 12);
    }

    [Fact]
    public void MulticlassFiguresAreScikitLearns()
    {
        string[] classes = ["0", "1", "2", "3"];
        var metrics = new MulticlassMetrics(classes);
        for (var i = 0; i < Actual.Length; i++)
            metrics.Add([.. classes.Select((_, k) => k == Predicted[i] ? 1f : 0f)], Encoding.UTF8.GetBytes(classes[Actual[i]]));
        var report = metrics.ToReport();
        Assert.Equal(0.6955182072829131, report.MacroF1!.Value, 12);
        Assert.Equal(0.7, report.Accuracy!.Value, 12);
    }

    [Fact]
    public void RegressionFiguresAreScikitLearns()
    {
        var metrics = new RegressionMetrics();
        for (var i = 0; i < Targets.Length; i++)
            metrics.Add(Predictions[i], Targets[i]);
        var report = metrics.ToReport();
        Assert.Equal(4.827048787820567, report.Rmse!.Value, 12);
        Assert.Equal(3.9000000000000004, report.Mae!.Value, 12);
        Assert.Equal(0.14965213545678482, report.Mape!.Value, 12);
        Assert.Equal(0.7404054614366343, report.R2!.Value, 12);
    }
}
