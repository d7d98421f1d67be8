namespace MlService.Samples;

/// <summary>A month of the campaign with the state of an invented economy.</summary>
/// <param name="Month">Three letters; several periods bear the same one, a year apart.</param>
/// <param name="EmploymentVariation">Quarterly employment variation rate, percent.</param>
/// <param name="PriceIndex">Consumer price index of the month.</param>
/// <param name="ConfidenceIndex">Consumer confidence index of the month.</param>
/// <param name="EuriborLow">Lowest three-month Euribor of the month, thousandths of a percent.</param>
/// <param name="EuriborHigh">Highest one.</param>
/// <param name="Employed">Employees of the bank's country, thousands, quarterly.</param>
/// <param name="Calls">Share of all calls, in tenths of a per mille.</param>
/// <param name="Telephone">Share of the calls that reach a landline.</param>
/// <param name="Contacted">Share of the customers that an earlier campaign has called.</param>
internal sealed record EconomicPeriod(
    string Month, decimal EmploymentVariation, decimal PriceIndex, decimal ConfidenceIndex,
    int EuriborLow, int EuriborHigh, decimal Employed, int Calls, double Telephone, double Contacted)
{
    /// <summary>From the height of the boom through the slump to the slow recovery.</summary>
    public static readonly EconomicPeriod[] All =
    [
        new("may", 1.0m, 93.871m, -36.9m, 4821, 4867, 5187.4m, 1840, 0.99, 0.00),
        new("jun", 1.3m, 94.318m, -41.2m, 4852, 4958, 5224.6m, 1060, 0.98, 0.00),
        new("jul", 1.3m, 94.027m, -43.1m, 4947, 4979, 5224.6m, 1620, 0.16, 0.01),
        new("aug", 1.3m, 93.562m, -35.8m, 4951, 4983, 5224.6m, 1250, 0.04, 0.01),
        new("oct", -0.2m, 93.715m, -40.7m, 4688, 5031, 5193.2m, 60, 0.80, 0.04),
        new("nov", -0.2m, 93.146m, -42.4m, 3827, 4704, 5193.2m, 870, 0.11, 0.19),
        new("dec", -0.4m, 92.804m, -45.2m, 3018, 3802, 5171.9m, 30, 0.50, 0.12),
        new("mar", -1.7m, 92.791m, -49.3m, 1486, 1823, 5096.8m, 80, 0.08, 0.10),
        new("apr", -1.7m, 93.012m, -46.8m, 1341, 1487, 5096.8m, 600, 0.07, 0.26),
        new("may", -1.7m, 92.937m, -45.7m, 1229, 1368, 5096.8m, 1390, 0.08, 0.31),
        new("jun", -2.8m, 92.886m, -41.3m, 1084, 1297, 5073.5m, 175, 0.09, 0.27),
        new("jul", -2.8m, 92.518m, -34.1m, 887, 1076, 5073.5m, 50, 0.14, 0.25),
        new("aug", -2.8m, 92.264m, -31.9m, 812, 891, 5073.5m, 190, 0.09, 0.41),
        new("sep", -3.3m, 92.417m, -29.4m, 744, 823, 5019.3m, 70, 0.11, 0.41),
        new("oct", -3.3m, 92.486m, -27.3m, 716, 758, 5019.3m, 110, 0.13, 0.40),
        new("nov", -3.3m, 92.603m, -30.6m, 708, 726, 5019.3m, 90, 0.13, 0.52),
        new("dec", -2.9m, 92.762m, -33.4m, 697, 719, 5026.1m, 45, 0.15, 0.48),
        new("mar", -1.9m, 93.327m, -34.3m, 629, 658, 5010.6m, 65, 0.15, 0.58),
        new("apr", -1.9m, 93.698m, -35.1m, 631, 667, 5010.6m, 45, 0.13, 0.53),
        new("may", -1.9m, 93.824m, -39.6m, 663, 704, 5010.6m, 50, 0.19, 0.62),
        new("jun", -1.6m, 94.081m, -39.2m, 699, 773, 4993.7m, 55, 0.27, 0.55),
        new("jul", -1.6m, 94.176m, -40.8m, 779, 894, 4993.7m, 75, 0.21, 0.58),
        new("aug", -1.6m, 93.984m, -38.7m, 881, 909, 4993.7m, 55, 0.23, 0.58),
        new("sep", -1.2m, 94.233m, -37.9m, 872, 889, 4967.4m, 75, 0.20, 0.50),
        new("oct", -1.2m, 94.564m, -48.8m, 938, 1049, 4967.4m, 50, 0.16, 0.61),
        new("nov", -1.2m, 94.729m, -50.2m, 1023, 1054, 4967.4m, 30, 0.09, 0.58),
    ];

    /// <summary>Calls of each period, the weights to draw one by.</summary>
    public static readonly int[] Weights = Array.ConvertAll(All, period => period.Calls);

    /// <summary>Whether money has become cheap: the bank then calls more of those who save.</summary>
    public bool IsSlump => EuriborHigh < 1200;
}
