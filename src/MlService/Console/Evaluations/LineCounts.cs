namespace MlService.Console.Evaluations;

/// <summary>What a threshold makes of the rows; the rest follows from how many are 1 and 0.</summary>
/// <param name="Threshold">Scores from here up are predicted as 1.</param>
/// <param name="Tp">Actual 1s predicted as 1.</param>
/// <param name="Fp">Actual 0s predicted as 1.</param>
public sealed record LineCounts(double Threshold, long Tp, long Fp);
