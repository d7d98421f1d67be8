using System.ComponentModel;

namespace MlService.Jobs;

/// <summary>Settings of the job engine, section <c>Jobs</c>.</summary>
public sealed class JobsOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Jobs";

    /// <summary>
    /// Seconds between two looks for jobs that nobody runs. Jobs normally start at once, so this only bounds how
    /// long the work of a dead process lies still.
    /// </summary>
    public double SweepSeconds { get; set; } = 2;

    /// <summary>Jobs over at most <see cref="LargeJobBytes"/> that one process runs side by side.</summary>
    public int ConcurrentSmallJobs { get; set; } = 8;

    /// <summary>Jobs over more than <see cref="LargeJobBytes"/> that one process runs side by side. The others wait; keys take turns.</summary>
    public int ConcurrentLargeJobs { get; set; } = 2;

    /// <summary>
    /// Jobs of one access key that run side by side in all processes together, small and large; 0 for no limit. Its others wait, and nobody
    /// else's.
    /// </summary>
    public int ConcurrentJobsPerKey { get; set; }

    /// <summary>From this many input bytes on a job counts as large.</summary>
    public long LargeJobBytes { get; set; } = 64L << 20;

    /// <summary>
    /// A job has shards in one more process of the cluster for each so many bytes of its input, as long as there are workers. What
    /// the processes tell each other takes its time, so smaller jobs stay in one.
    /// </summary>
    public long MinProcessBytes { get; set; } = 64L << 20;

    /// <summary>Shards of one job that run side by side in one process.</summary>
    [DefaultValue("the number of processors")]
    public int ShardsPerJob { get; set; } = Environment.ProcessorCount;

    /// <summary>A job is not cut into shards smaller than this.</summary>
    public long MinShardBytes { get; set; } = 2L << 20;

    /// <summary>
    /// Of data of at least this many bytes, statistics are made and kept in parts, so that one reading serves the whole, its splits and its
    /// folds. Smaller data is read again: that takes no longer than to keep and find them.
    /// </summary>
    public long MinPartedBytes { get; set; } = 32L << 20;

    /// <summary>
    /// Training data is not cut into shards smaller than this. One shard learns better than two that
    /// are averaged, so small data is not cut at all.
    /// </summary>
    public long MinTrainingShardBytes { get; set; } = 256L << 20;

    /// <summary>Bytes of encoded examples that one training shard keeps in memory before it goes to the scratch directory.</summary>
    public long ExampleMemoryBytes { get; set; } = 128L << 20;

    /// <summary>
    /// Seconds of training after which its state is saved, at the end of the pass. A job whose process dies goes on from
    /// there, after it has read its rows again. 0 saves after each pass.
    /// </summary>
    public double CheckpointSeconds { get; set; } = 30;

    /// <summary>How many attempts may end in an error that is not the input's fault before the job fails.</summary>
    public int MaxFaults { get; set; } = 3;

    /// <summary>How often a job may be started anew after its process died.</summary>
    public int MaxAttempts { get; set; } = 100;
}
