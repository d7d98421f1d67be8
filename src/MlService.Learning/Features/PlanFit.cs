using MlService.Learning.Recipes;

namespace MlService.Learning.Features;

/// <summary>Where a plan's learned numbers come from: statistics when it is compiled, a file when it is read.</summary>
internal abstract class PlanFit
{
    /// <summary>Mean and standard deviation of a number.</summary>
    public abstract (double Mean, double StandardDeviation) Moments(BoundExpression number);

    /// <summary>Cut points of at most n bins of a number, strictly increasing.</summary>
    public abstract double[] Boundaries(BoundExpression number, int bins);

    /// <summary>What <c>fill</c> puts where the number is missing.</summary>
    public abstract double FillOf(BoundExpression fill);
}

/// <summary>
/// Learned before and stored: mean and standard deviation as two doubles, cut points as their number (int32) and doubles,
/// what is filled in as a double.
/// </summary>
internal sealed class StoredFit(BinaryReader reader) : PlanFit
{
    public static void Write(BinaryWriter writer, PlanStep step)
    {
        if (step.Kind == PlanStepKind.Normalize)
        {
            writer.Write(step.Mean);
            writer.Write(step.StandardDeviation);
        }
        else if (step.Kind == PlanStepKind.Bin)
        {
            writer.Write(step.Boundaries.Length);
            foreach (var cut in step.Boundaries)
                writer.Write(cut);
        }
        else if (step is { Kind: PlanStepKind.Constant, IsLearned: true })
        {
            writer.Write(step.Constant);
        }
    }

    public override double FillOf(BoundExpression fill)
    {
        var value = reader.ReadDouble();
        return double.IsFinite(value) ? value : throw FeaturePlan.Corrupt($"the number of {fill.Name}");
    }

    public override (double Mean, double StandardDeviation) Moments(BoundExpression number)
    {
        var (mean, deviation) = (reader.ReadDouble(), reader.ReadDouble());
        return double.IsFinite(mean) && double.IsFinite(deviation) && deviation >= 0
            ? (mean, deviation)
            : throw FeaturePlan.Corrupt($"mean and standard deviation of {number.Name}");
    }

    public override double[] Boundaries(BoundExpression number, int bins)
    {
        var count = reader.ReadInt32();
        if (count < 0 || count >= bins)
            throw FeaturePlan.Corrupt($"{count} cut points for {bins} bins of {number.Name}");
        var cuts = new double[count];
        for (var i = 0; i < count; i++)
        {
            cuts[i] = reader.ReadDouble();
            if (!double.IsFinite(cuts[i]) || (i > 0 && cuts[i] <= cuts[i - 1]))
                throw FeaturePlan.Corrupt($"the cut points of {number.Name} do not increase");
        }
        return cuts;
    }
}
