using System.Text.Json.Serialization;

namespace MlService.Metadata;

/// <summary>What the REST face shows of every resource.</summary>
public abstract record ResourceDescription
{
    /// <summary>Shows what all resources share.</summary>
    protected ResourceDescription(Resource row, IReadOnlyDictionary<string, string?> tags)
    {
        Id = row.Id;
        Name = row.Name;
        Status = row.Status;
        Message = row.Message;
        CreatedAt = row.CreatedAt;
        UpdatedAt = row.UpdatedAt;
        StartedAt = row.StartedAt;
        FinishedAt = row.FinishedAt;
        ComputeTime = row.Status == ResourceStatus.Completed ? row.ComputeMilliseconds : null;
        Progress = row.Progress;
        Tags = tags;
    }

    /// <summary>Unique among the resources of its kind, for ever.</summary>
    [JsonPropertyOrder(-1)]
    public string Id { get; init; }

    /// <summary>Name for people.</summary>
    [JsonPropertyOrder(-1)]
    public string? Name { get; init; }

    /// <summary>Where the resource stands. Nothing goes back; a pending one waits for a worker or for what it depends on.</summary>
    [JsonPropertyOrder(-1)]
    public ResourceStatus Status { get; init; }

    /// <summary>What the latest step has to say; explains a failure and names the remedy.</summary>
    [JsonPropertyOrder(-1)]
    public string? Message { get; init; }

    /// <summary>When the request was received.</summary>
    [JsonPropertyOrder(-1)]
    public DateTime CreatedAt { get; init; }

    /// <summary>Last change of status, name or progress.</summary>
    [JsonPropertyOrder(-1)]
    public DateTime UpdatedAt { get; init; }

    /// <summary>When the job first began.</summary>
    [JsonPropertyOrder(-1)]
    public DateTime? StartedAt { get; init; }

    /// <summary>When the resource completed or failed.</summary>
    [JsonPropertyOrder(-1)]
    public DateTime? FinishedAt { get; init; }

    /// <summary>Time that the threads of the job were at work, in milliseconds; once completed.</summary>
    [JsonPropertyOrder(-1)]
    public long? ComputeTime { get; init; }

    /// <summary>What the job is doing.</summary>
    [JsonPropertyOrder(-1)]
    public JobProgress Progress { get; init; }

    /// <summary>Tags by key.</summary>
    [JsonPropertyOrder(-1)]
    public IReadOnlyDictionary<string, string?> Tags { get; init; }
}
