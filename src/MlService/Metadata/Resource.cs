using System.Text.Json.Serialization;

namespace MlService.Metadata;

/// <summary>The four kinds of resource that a job brings into being.</summary>
public enum ResourceKind
{
    /// <summary>CSV objects with a schema, a split and their statistics.</summary>
    DataSource,

    /// <summary>A trained model.</summary>
    Model,

    /// <summary>A model judged on a datasource.</summary>
    Evaluation,

    /// <summary>A model applied to a datasource, with its results in object storage.</summary>
    BatchPrediction,
}

/// <summary>Where a resource stands. Nothing goes back; <see cref="Deleted"/> is final.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResourceStatus>))]
public enum ResourceStatus
{
    /// <summary>Accepted; waits for a worker or for a resource it depends on.</summary>
    [JsonStringEnumMemberName("PENDING")]
    Pending,

    /// <summary>Its job runs.</summary>
    [JsonStringEnumMemberName("INPROGRESS")]
    InProgress,

    /// <summary>Done and usable.</summary>
    [JsonStringEnumMemberName("COMPLETED")]
    Completed,

    /// <summary>Not usable; <see cref="Resource.Message"/> says why and what to do.</summary>
    [JsonStringEnumMemberName("FAILED")]
    Failed,

    /// <summary>Deleted by its owner; the id stays taken.</summary>
    [JsonStringEnumMemberName("DELETED")]
    Deleted,
}

/// <summary>
/// What all resources share. The row is also the job: <see cref="Attempt"/> fences off a late duplicate, since
/// a job's result is written only where the attempt still is its own.
/// </summary>
public abstract class Resource
{
    /// <summary>Unique per kind for ever; 1 to 64 of <c>a-z A-Z 0-9 _ . -</c>.</summary>
    public required string Id { get; set; }

    /// <summary>Name for people; at most 1,024 characters.</summary>
    public string? Name { get; set; }

    /// <summary>Where the resource stands.</summary>
    public ResourceStatus Status { get; set; }

    /// <summary>Whether nothing more comes of it by itself: it is completed, failed or deleted.</summary>
    public bool IsFinished => Status is not (ResourceStatus.Pending or ResourceStatus.InProgress);

    /// <summary>What the latest step has to say; explains a failure.</summary>
    public string? Message { get; set; }

    /// <summary>When the request was received, UTC.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>Id of the access key that asked for the resource; null where there are no keys, in <c>Access:Mode</c> Local.</summary>
    public string? CreatedBy { get; set; }

    /// <summary>Last change of status, name or progress, UTC.</summary>
    public DateTime UpdatedAt { get; set; }

    /// <summary>When the first attempt began, UTC.</summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>When the resource completed or failed, UTC.</summary>
    public DateTime? FinishedAt { get; set; }

    /// <summary>Time that the threads of the completed attempt were at work, in milliseconds: about its processor time on a machine that is not busy otherwise.</summary>
    public long ComputeMilliseconds { get; set; }

    /// <summary>Number of the running or last attempt; 0 before the first.</summary>
    public int Attempt { get; set; }

    /// <summary>Whether the running attempt may work: false while it waits for others of its key.</summary>
    public bool IsAdmitted { get; set; }

    /// <summary>How many attempts ended in an error that was not the input's fault.</summary>
    public int Faults { get; set; }

    /// <summary>How many attempts ended because a server or another process went away, or their own was told to end: nothing against the job.</summary>
    public int Interruptions { get; set; }

    /// <summary>Whether someone asked for the job to stop.</summary>
    public bool CancelRequested { get; set; }

    /// <summary>What the job is doing.</summary>
    public JobProgress Progress { get; set; } = new();

    /// <summary>SHA-256 of the creating request, for idempotent creation: the same id may come again with the same request only.</summary>
    public string RequestHash { get; set; } = "";

    /// <summary>Prefix in the artifact bucket under which the attempt that completed left its files; ends with a slash.</summary>
    public string? Artifacts { get; set; }

    /// <summary>Kind of this resource.</summary>
    public abstract ResourceKind Kind { get; }

    /// <summary>Resources that must be completed before the job can start.</summary>
    public abstract IEnumerable<ResourceKey> Dependencies { get; }

    /// <summary>Places in object storage that the request names, each with the member that does.</summary>
    public virtual IEnumerable<(string Field, string Location)> Locations => [];

    /// <summary>Names this resource among all.</summary>
    public ResourceKey Key => new(Kind, Id);
}

/// <summary>What a running job is doing.</summary>
public sealed class JobProgress
{
    /// <summary>The step in one word, for example <c>reading</c> or <c>training</c>; null before the start.</summary>
    public string? Phase { get; set; }

    /// <summary>Share of the whole job that is done, 0 to 100.</summary>
    public double Percent { get; set; }

    /// <summary>Rows handled in this phase.</summary>
    public long Rows { get; set; }

    /// <summary>Rows per second in this phase.</summary>
    public double RowsPerSecond { get; set; }

    /// <summary>Training pass, from 1.</summary>
    public int? Pass { get; set; }

    /// <summary>Mean training loss of the last pass.</summary>
    public double? Loss { get; set; }
}

/// <summary>Names one resource among all.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Id">Its id, unique within the kind.</param>
public readonly record struct ResourceKey(ResourceKind Kind, string Id)
{
    /// <summary>For example <c>model/m-1</c>; also the key of the job's grain.</summary>
    public override string ToString() => $"{Kind}/{Id}";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static ResourceKey Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return new ResourceKey(Enum.Parse<ResourceKind>(text.AsSpan(0, slash)), text[(slash + 1)..]);
    }
}
