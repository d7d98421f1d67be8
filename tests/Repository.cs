namespace MlService.Tests;

/// <summary>The working copy that the tests were built in; compiled into each test project that reads files of it.</summary>
internal static class Repository
{
    /// <summary>The full path of a file or folder, by its path in the repository.</summary>
    public static string Path(params ReadOnlySpan<string> path) => System.IO.Path.Combine([Root.Value, .. path]);

    // Not from the compiler's paths: a continuous integration build replaces them.
    private static readonly Lazy<string> Root = new(() =>
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(directory.FullName, "MlService.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return directory.FullName;
    });
}
