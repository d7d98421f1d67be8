namespace MlService.Learning.Training;

/// <summary>The learning rates that race where none is given.</summary>
internal static class LearningRates
{
    // Features are tokens (0 or 1) or scaled to deviation 1, targets of regressions too, and AdaGrad adapts the rest:
    // what is left to find lies within this factor of 30.
    private static readonly double[] Racing = [0.02, 0.05, 0.1, 0.25, 0.6];

    /// <summary>How many race at most.</summary>
    public static int Most => Racing.Length;

    /// <summary>The next larger one than one of them, or that one itself.</summary>
    public static double After(double rate, TrainingParameters parameters) =>
        For(parameters).Where(larger => larger > rate).DefaultIfEmpty(rate).Min();

    /// <summary>Those that race.</summary>
    public static IReadOnlyList<double> For(TrainingParameters parameters) =>
        parameters.LearningRate is { } rate ? [rate] : Racing;
}
