using System.Net;
using MlService.Learning;

namespace MlService.Jobs;

/// <summary>How processes find each other.</summary>
public enum ClusterMode
{
    /// <summary>They do not: this process is alone.</summary>
    Local,

    /// <summary>Through the PostgreSQL server that holds the metadata.</summary>
    PostgreSql,
}

/// <summary>What a process does in the cluster, setting <c>Role</c>.</summary>
public enum ProcessRole
{
    /// <summary>It answers requests and runs jobs.</summary>
    All,

    /// <summary>It answers requests; jobs run elsewhere.</summary>
    Api,

    /// <summary>It runs jobs, and answers only for its health.</summary>
    Worker,
}

/// <summary>Settings of the cluster, section <c>Cluster</c>.</summary>
public sealed class ClusterOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Cluster";

    /// <summary><c>Local</c>: this process is alone. <c>PostgreSql</c>: it joins the others of its metadata server.</summary>
    public ClusterMode Mode { get; set; }

    /// <summary>Processes with the same name and metadata server are one cluster.</summary>
    public string Name { get; set; } = "mlservice";

    /// <summary>
    /// Address at which the other processes reach this one; absent: the one that this machine has towards the metadata server, so
    /// loopback where that is on the same machine.
    /// </summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>Port for the other processes of the cluster; 0 for any free one.</summary>
    public int SiloPort { get; set; }

    /// <summary>Port for clients of the cluster that are not members; 0 for none.</summary>
    public int GatewayPort { get; set; }

    /// <summary>The role that the configuration gives this process.</summary>
    /// <exception cref="InvalidInputException">There is no such role, or one that needs a cluster where there is none.</exception>
    public static ProcessRole RoleOf(IConfiguration configuration)
    {
        var text = configuration["Role"];
        if (string.IsNullOrWhiteSpace(text))
            return ProcessRole.All;
        if (!Enum.TryParse<ProcessRole>(text, ignoreCase: true, out var role) || !Enum.IsDefined(role) || int.TryParse(text, out _))
            throw new InvalidInputException($"Role is '{text}'. Set Api or Worker, or leave it out for a process that is both.");
        if (role != ProcessRole.All && Read(configuration).Mode == ClusterMode.Local)
            throw new InvalidInputException(
                $"Role is {role}, and Cluster:Mode is Local: nobody would do the rest. Set Cluster:Mode to PostgreSql, or leave Role out.");
        return role;
    }

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="InvalidInputException">A setting cannot be used, or one is missing that it needs.</exception>
    public static ClusterOptions Read(IConfiguration configuration)
    {
        ClusterOptions options;
        try
        {
            options = configuration.GetSection(Section).Get<ClusterOptions>() ?? new ClusterOptions();
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidInputException(
                $"{exception.Message} Cluster:Mode is Local or PostgreSql; Cluster:SiloPort and Cluster:GatewayPort are port numbers.", exception);
        }

        if (options.Mode == ClusterMode.PostgreSql && Metadata.MetadataSetup.PostgreSqlConnection(configuration) is null)
            throw new InvalidInputException(
                "Cluster:Mode is PostgreSql, and ConnectionStrings:Metadata is missing. Set it to the server that all processes share.");
        if (options.Mode == ClusterMode.PostgreSql && Storage.S3Options.Read(configuration) is null)
            throw new InvalidInputException(
                "Cluster:Mode is PostgreSql, and objects lie in the data directory of this process, where the others cannot read them. "
                + "Set Storage:S3:Endpoint to the server that all processes share.");
        if (options.AdvertisedAddress is { } address && !IPAddress.TryParse(address, out _))
            throw new InvalidInputException(
                $"Cluster:AdvertisedAddress '{address}' is no IP address. Give the one at which other processes reach this one, such as 10.0.0.7.");
        foreach (var (name, port) in (ReadOnlySpan<(string, int)>)[("SiloPort", options.SiloPort), ("GatewayPort", options.GatewayPort)])
            if (port is < 0 or > ushort.MaxValue)
                throw new InvalidInputException($"Cluster:{name} {port} is no port. Give one from 1 to 65535, or 0.");
        return options;
    }
}
