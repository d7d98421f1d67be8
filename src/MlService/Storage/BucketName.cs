using System.Net;
using System.Text.RegularExpressions;

namespace MlService.Storage;

/// <summary>S3's rules for the names of buckets (Amazon S3 User Guide, "General purpose bucket naming rules").</summary>
public static partial class BucketName
{
    /// <summary>The bucket of the service's own artifacts: models, checkpoints, statistics. Users read it and never write it.</summary>
    public const string Reserved = "mlservice";

    /// <summary>Says what is wrong with a bucket's name; null if nothing is.</summary>
    public static string? Error(string name)
    {
        if (name is null || !Pattern().IsMatch(name) || name.Contains("..", StringComparison.Ordinal))
            return "A bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens, begins and ends with a letter or digit, "
                + "and has no two dots in a row.";
        if (IPAddress.TryParse(name, out _) && name.Count(c => c == '.') == 3)
            return $"A bucket cannot be named like an IP address ('{name}').";
        return name.StartsWith("xn--", StringComparison.Ordinal) ? "A bucket's name cannot begin with 'xn--'." : null;
    }

    // \z, because $ would let a line feed through.
    [GeneratedRegex(@"\A[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
