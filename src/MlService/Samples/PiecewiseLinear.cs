namespace MlService.Samples;

/// <summary>A function drawn by straight lines between points of rising x, and constant beyond the first and the last.</summary>
internal sealed class PiecewiseLinear(params (double X, double Y)[] points)
{
    /// <summary>The value at <paramref name="x"/>.</summary>
    public double At(double x)
    {
        if (x <= points[0].X)
            return points[0].Y;
        for (var i = 1; i < points.Length; i++)
        {
            var (left, right) = (points[i - 1], points[i]);
            if (x < right.X)
                return left.Y + (right.Y - left.Y) * (x - left.X) / (right.X - left.X);
        }
        return points[^1].Y;
    }
}
