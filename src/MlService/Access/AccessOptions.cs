namespace MlService.Access;

/// <summary>Who may call the service, section <c>Access</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Access";

    /// <summary>
    /// <c>Local</c>: no keys, and only loopback is listened on and answered. <c>Keys</c>: every call needs an access key, except
    /// <c>/health</c> and <c>/swagger</c>, and any address may be listened on.
    /// </summary>
    public AccessMode Mode { get; set; } = AccessMode.Local;

    /// <summary>
    /// Master key, under which the secrets of access keys are sealed: 32 random bytes in base64 (<c>openssl rand -base64 32</c>).
    /// <c>Keys</c> mode needs it, here or in a file. Whoever has it and the database has every secret.
    /// </summary>
    public string? MasterKey { get; set; }

    /// <summary>File that holds the master key, for example a mounted secret.</summary>
    public string? MasterKeyFile { get; set; }

    /// <summary>An admin key that is made at start where it is missing, so that a fresh service can be called.</summary>
    public FirstKeyOptions FirstKey { get; set; } = new();

    /// <summary>
    /// Real-time predictions a second that each key may ask for; 0 for no limit. The processes of a cluster that answer calls share it evenly.
    /// </summary>
    public int PredictionsPerSecond { get; set; } = 1000;

    /// <summary>Real-time predictions that a key which was quiet may ask for at once, before the rate holds; 0 for two seconds' worth.</summary>
    public int PredictionBurst { get; set; }

    /// <summary>Days that entries of the audit log are kept; 0 for ever.</summary>
    public int AuditDays { get; set; } = 365;
}

/// <summary>The key that is made at start.</summary>
public sealed class FirstKeyOptions
{
    /// <summary>Id of an admin key that is made at start where it is missing: 8 to 64 of <c>a-z A-Z 0-9 _ -</c>.</summary>
    public string? Id { get; set; }

    /// <summary>Secret of that key: 20 to 128 visible ASCII characters. Once the key is made, a change of this has no effect.</summary>
    public string? Secret { get; set; }
}

/// <summary>The two ways to guard the service.</summary>
public enum AccessMode
{
    /// <summary>Whoever is on this machine may do everything; nobody else is answered.</summary>
    Local,

    /// <summary>Whoever has a key may do what it allows.</summary>
    Keys,
}
