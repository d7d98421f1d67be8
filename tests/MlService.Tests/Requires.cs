using System.Diagnostics.CodeAnalysis;

namespace MlService.Tests;

/// <summary>
/// What a test needs beyond the SDK. Where that is missing, the test is skipped and says why; where
/// <c>MLSERVICE_TESTS_REQUIRE_ALL</c> is 1, as <c>.ci/run</c> sets it, it fails instead.
/// </summary>
internal static class Requires
{
    private const string All = "MLSERVICE_TESTS_REQUIRE_ALL";

    /// <summary>Asks for programs on the PATH.</summary>
    public static void Programs(params string[] names)
    {
        var missing = names.Where(name => Find(name) is null).ToList();
        if (missing.Count > 0)
            Missing($"Not on the PATH: {string.Join(", ", missing)}.");
    }

    /// <summary>Ends the test: what it needs is not there.</summary>
    [DoesNotReturn]
    public static void Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable(All) == "1")
            Assert.Fail($"{reason} {All} is 1, so that counts as a failure.");
        Assert.Skip(reason);
    }

    /// <summary>Full path of a program on the PATH; null where there is none of that name.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(directory => new[] { Path.Combine(directory, name), Path.Combine(directory, name + ".exe") })
            .FirstOrDefault(File.Exists);
}
