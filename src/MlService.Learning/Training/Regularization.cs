using System.Globalization;

namespace MlService.Learning.Training;

/// <summary>What holds the weights of a learner back: λ·Σ|w| or λ/2·Σw², beside the mean loss of an example.</summary>
/// <param name="Amount">λ, at least 0.</param>
/// <param name="IsL1">Whether it is the sum of the magnitudes.</param>
internal readonly record struct Regularization(double Amount, bool IsL1)
{
    // Only keeps weights from growing without end.
    private static readonly Regularization Mild = new(1e-6, IsL1: false);

    // λ·n is what the squares count beside the losses of all n examples together. Weights that are normally distributed with variance 1/(λ·n) are
    // estimated best with it (C. Bishop, "Pattern Recognition and Machine Learning", 2006, section 3.3.1): here with deviations of 0.7, 0.4 and 0.2.
    private static readonly double[] SquaresCount = [2, 6, 20];

    // λ·√n: chance moves the mean gradient of a feature that tells nothing by its deviation over √n, and L1 leaves out the features that are moved
    // by less than λ. Binary labels have a deviation of up to 0.5, tokens one of less.
    private static readonly double[] ChanceLeftOut = [0.1, 0.5];

    /// <summary>That of the learners that race first.</summary>
    public static Regularization First(TrainingParameters parameters) =>
        parameters.L1 is > 0 and var amount ? new(amount, IsL1: true) : parameters.L2 is { } given ? new(given, IsL1: false) : Mild;

    /// <summary>Those that race then, where it is not given: the mildest first.</summary>
    public static IReadOnlyList<Regularization> Then(TrainingParameters parameters, long examples)
    {
        if (parameters.L2 is not null || parameters.L1 > 0)
            return [];
        var squares = SquaresCount.Select(strength => new Regularization(strength / examples, IsL1: false)).Where(one => one.Amount > Mild.Amount);
        var magnitudes = ChanceLeftOut.Select(strength => new Regularization(strength / Math.Sqrt(examples), IsL1: true));
        return [.. squares, .. parameters.L1 is null ? magnitudes : []];
    }

    /// <summary>Writes it.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(Amount);
        writer.Write(IsL1);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static Regularization Read(BinaryReader reader) => new(reader.ReadDouble(), reader.ReadBoolean());

    /// <summary>It in words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsL1 ? "L1" : "L2")} regularization {Amount:G3}");
}
