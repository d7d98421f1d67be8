using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using MlService.Tests.Storage;
using MySqlConnector;
using Npgsql;

namespace MlService.Tests.Amazon;

/// <summary>
/// The services that Amazon's clients judge: embedded, with nothing but a directory, without keys, or on PostgreSQL and S3 with keys. Each
/// is started when the first client comes to it. All may query two databases: <c>shed</c> on MariaDB and <c>garden</c> on PostgreSQL.
/// </summary>
public sealed class JudgedServices(PostgreSqlServer postgreSql, MariaDbServer mariaDb, S3Server s3) : IAsyncLifetime
{
    public const string KeyId = "judges-key";
    public const string Secret = "judges/secret+with=signs";

    private readonly ConcurrentDictionary<JudgedMode, Lazy<Task<RunningService>>> _services = [];
    private readonly string _bucket = $"flowers-{Guid.NewGuid():N}"[..16];
    private (string Rds, string Redshift) _databases;

    /// <summary>The services that there are.</summary>
    public static IReadOnlyList<JudgedMode> Modes { get; } = [new(IsEmbedded: true, HasKeys: false), new(IsEmbedded: false, HasKeys: true)];

    public async ValueTask InitializeAsync() => _databases = await MakeDatabases();

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.Values)
            await (await service.Value).DisposeAsync();
    }

    /// <summary>Starts a service, or finds it, with the flowers in it.</summary>
    /// <returns>What a client's script is told.</returns>
    public async Task<(string Name, string Value)[]> Tell(JudgedMode mode)
    {
        var service = await _services.GetOrAdd(mode, _ => new(() => Start(mode))).Value;
        var (rds, redshift) = _databases;
        return
        [
            ("ENDPOINT", service.Address.ToString().TrimEnd('/')), ("ID", $"t-{Guid.NewGuid():N}"[..16]), ("BUCKET", _bucket),
            ("AWS_ACCESS_KEY_ID", mode.HasKeys ? KeyId : "any"), ("AWS_SECRET_ACCESS_KEY", mode.HasKeys ? Secret : "any"),
            ("RDS_INSTANCE", "shed"), ("RDS_DATABASE", new MySqlConnectionStringBuilder(rds).Database),
            ("REDSHIFT_CLUSTER", "garden"), ("REDSHIFT_DATABASE", new NpgsqlConnectionStringBuilder(redshift).Database!),
        ];
    }

    private async Task<RunningService> Start(JudgedMode mode)
    {
        var service = new RunningService
        {
            More =
            [
                .. mode.IsEmbedded ? [] : await OnServers(), .. mode.HasKeys ? Keys() : [],
                "--Databases:shed:Kind=MariaDb", $"--Databases:shed:ConnectionString={_databases.Rds}",
                $"--Databases:garden:ConnectionString={_databases.Redshift}",
            ],
        };
        await service.InitializeAsync();
        service.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"{KeyId}:{Secret}");
        await service.Client.Upload($"{_bucket}/flowers.csv", Flowers.Csv());
        await service.Client.Upload($"{_bucket}/flowers.csv.schema", Flowers.Schema());
        return service;
    }

    private async Task<string[]> OnServers() =>
    [
        $"--ConnectionStrings:Metadata={await postgreSql.NewDatabase(isMigrated: false)}",
        .. (await s3.Options()).With(options => options.ArtifactBucket = $"{_bucket}-{Guid.NewGuid():N}"[..24]).ToArguments(),
    ];

    private static string[] Keys() =>
    [
        "--Access:Mode=Keys", $"--Access:MasterKey={Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}",
        $"--Access:FirstKey:Id={KeyId}", $"--Access:FirstKey:Secret={Secret}",
    ];

    private async Task<(string Rds, string Redshift)> MakeDatabases()
    {
        var rds = await mariaDb.NewDatabase();
        // Redshift's databases have names of letters and digits only.
        var any = await postgreSql.NewDatabase(isMigrated: false);
        var name = $"garden{Guid.NewGuid():N}";
        await PostgreSqlServer.Execute(any, $"CREATE DATABASE {name}");
        var redshift = new NpgsqlConnectionStringBuilder(any) { Database = name }.ConnectionString;
        foreach (var statement in Flowers.Table())
        {
            await MariaDbServer.Execute(rds, statement);
            await PostgreSqlServer.Execute(redshift, statement);
        }
        return (rds, redshift);
    }
}

/// <summary>How a service runs that clients judge.</summary>
/// <param name="IsEmbedded">Whether it has nothing but a directory; else it is on PostgreSQL and S3.</param>
/// <param name="HasKeys">Whether every call needs a key.</param>
public sealed record JudgedMode(bool IsEmbedded, bool HasKeys);
