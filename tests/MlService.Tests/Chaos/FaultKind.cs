namespace MlService.Tests.Chaos;

/// <summary>What can happen to a cluster.</summary>
internal enum FaultKind
{
    /// <summary>A process is killed with SIGKILL, and started again a little later.</summary>
    Kill,

    /// <summary>A process is stopped with SIGSTOP, and goes on with SIGCONT when the others have taken it for dead.</summary>
    Freeze,

    /// <summary>A process is told to end with SIGTERM, and started again.</summary>
    Restart,

    /// <summary>PostgreSQL ends at once, as if killed, and is started again after a while.</summary>
    MetadataCrash,

    /// <summary>PostgreSQL ends its sessions and stops, and is started again after a while.</summary>
    MetadataStop,

    /// <summary>The S3 server is killed, and started again after a while.</summary>
    StorageOutage,
}
