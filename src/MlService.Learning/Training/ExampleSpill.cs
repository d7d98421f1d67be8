namespace MlService.Learning.Training;

/// <summary>Where a shard keeps encoded examples that do not fit in memory.</summary>
/// <param name="Directory">An existing local directory; files in it are deleted when the shard is disposed.</param>
/// <param name="MemoryBytes">Bytes of encoded examples that stay in memory; what is above goes to a file.</param>
internal sealed record ExampleSpill(string Directory, long MemoryBytes)
{
    /// <summary>512 MB of memory, then the system's directory for temporary files.</summary>
    public static ExampleSpill Default { get; } = new(Path.GetTempPath(), 512L << 20);
}
