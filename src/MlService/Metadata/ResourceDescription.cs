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
    public string Id { get; init; }

    /// <summary>Name for people.</summary>
    public string? Name { get; init; }

    /// <summary>Where the resource stands. Nothing goes back; a pending one waits for a worker or for what it depends on.</summary>
    public ResourceStatus Status { get; init; }

    /// <summary>What the latest step has to say; explains a failure and names the remedy.</summary>
    public string? Message { get; init; }

    /// <summary>When the request was received.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>Last change of status, name or progress.</summary>
    public DateTime UpdatedAt { get; init; }

    /// <summary>When the job first began.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When the resource completed or failed.</summary>
    public DateTime? FinishedAt { get; init; }

    /// <summary>Processor time that the job took, in milliseconds; once completed.</summary>
    public long? ComputeTime { get; init; }

    /// <summary>What the job is doing.</summary>
    public JobProgress Progress { get; init; }

    /// <summary>Tags by key.</summary>
    public IReadOnlyDictionary<string, string?> Tags { get; init; }
}
