using System.Globalization;
using MlService.Learning;
using MlService.Metadata;
using MlService.Problems;
using MlService.Storage;

namespace MlService.Access;

/// <summary>
/// The commands <c>keys create</c>, <c>keys list</c> and <c>keys revoke</c>. They work on the metadata store itself, whether the service runs
/// or not, with the same configuration: who can read that, and the master key in it, is admin anyway.
/// </summary>
internal static class KeysCommand
{
    private const string Usage = """
        keys create --scope admin|read|predict [--scope …] [--limited-to PATTERN …] [--name TEXT]
        keys list
        keys revoke ID

        PATTERN is models/ID, models/PREFIX*, s3://bucket/key or s3://bucket/prefix/. Settings are those of the service,
        for example --Data:Directory=data or the environment's Access__MasterKey.
        """;

    private const string Who = "command line";

    /// <summary>Whether the command line is one of these.</summary>
    public static bool IsAskedFor(string[] args) => args is ["keys", ..];

    /// <summary>Runs the command.</summary>
    /// <returns>The exit code: 0, or 1 if it could not be done, or 2 if there is no such command.</returns>
    public static async Task<int> Run(string[] args, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        try
        {
            var command = Arguments.Parse(args.AsSpan(1));
            switch (command)
            {
                case { Verb: "create", Operands: [], Scopes: not AccessScopes.None }:
                    await Within(command.Settings, services => Create(command, services, output, cancellation), cancellation);
                    return 0;
                case { Verb: "list", Operands: [] }:
                    await Within(command.Settings, services => List(services, output, cancellation), cancellation);
                    return 0;
                case { Verb: "revoke", Operands: [var id] }:
                    await Within(command.Settings, services => Revoke(id, services, output, cancellation), cancellation);
                    return 0;
                default:
                    await errors.WriteLineAsync(Usage);
                    return 2;
            }
        }
        catch (Exception exception) when (exception is ProblemException or InvalidInputException)
        {
            await errors.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static async Task Create(Arguments command, IServiceProvider services, TextWriter output, CancellationToken cancellation)
    {
        var limits = ResourceLimits.Parse(command.Limits);
        var (key, secret) = await services.GetRequiredService<AccessKeys>().Create(command.Name, command.Scopes, limits, Who, cancellation);
        await services.GetRequiredService<AuditLog>().Note(Who, "keys create", $"/v1/keys/{key.Id}", cancellation);
        await output.WriteLineAsync($"id      {key.Id}\nsecret  {secret}\nheader  Authorization: Bearer {key.Id}:{secret}");
    }

    private static async Task List(IServiceProvider services, TextWriter output, CancellationToken cancellation)
    {
        var keys = services.GetRequiredService<AccessKeys>();
        string? cursor = null;
        do
        {
            var page = await keys.List(AccessKeys.MaxLimit, cursor, cancellation);
            foreach (var key in page.Items)
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{key.Id,-20}  {string.Join(",", key.Scopes.ToNames()),-18}  created {key.CreatedAt:yyyy-MM-dd HH:mm}  used {Time(key.LastUsedAt),-16}  {(key.RevokedAt is null ? "" : $"revoked {Time(key.RevokedAt)}  ")}{key.Name}  {key.Limits.Replace('\n', ' ')}").TrimEnd());
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    private static async Task Revoke(string id, IServiceProvider services, TextWriter output, CancellationToken cancellation)
    {
        var key = await services.GetRequiredService<AccessKeys>().Revoke(id, cancellation);
        await services.GetRequiredService<AuditLog>().Note(Who, "keys revoke", $"/v1/keys/{id}", cancellation);
        await output.WriteLineAsync($"{key.Id} is revoked since {Time(key.RevokedAt)} UTC.");
    }

    private static async Task Within(string[] settings, Func<IServiceProvider, Task> work, CancellationToken cancellation)
    {
        var builder = Host.CreateApplicationBuilder(settings);
        builder.Logging.ClearProviders();
        var path = DataOptions.Read(builder.Configuration).Directory;
        using var directory = DataDirectory.Beside(path);
        builder.Services.AddSingleton(TimeProvider.System).AddMetadata(builder.Configuration, directory).AddAccess(builder.Configuration);
        using var host = builder.Build();
        if (await host.Services.NeedsMigration(cancellation))
        {
            using var owned = DataDirectory.Open(path);
            await host.Services.MigrateMetadata(cancellation);
        }
        await work(host.Services);
    }

    private static string Time(DateTime? time) => time?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "never";

    /// <summary>What the command line says.</summary>
    private sealed record Arguments(
        string Verb, IReadOnlyList<string> Operands, AccessScopes Scopes, IReadOnlyList<string> Limits, string? Name, string[] Settings)
    {
        public static Arguments Parse(ReadOnlySpan<string> args)
        {
            List<string> operands = [], limits = [], settings = [];
            var scopes = AccessScopes.None;
            string? name = null;
            for (var i = 0; i < args.Length; i++)
            {
                if (!args[i].StartsWith('-'))
                {
                    operands.Add(args[i]);
                    continue;
                }
                var equals = args[i].IndexOf('=', StringComparison.Ordinal);
                var option = equals < 0 ? args[i] : args[i][..equals];
                var value = equals >= 0 ? args[i][(equals + 1)..] : i + 1 < args.Length ? args[++i]
                    : throw new InvalidInputException($"{option} lacks its value.");
                switch (option)
                {
                    case "--scope":
                        var scope = AccessScopeNames.Parse(value);
                        scopes |= scope != AccessScopes.None ? scope
                            : throw new InvalidInputException($"'{value}' is no scope. Known are {string.Join(", ", AccessScopeNames.All)}.");
                        break;
                    case "--limited-to":
                        limits.Add(value);
                        break;
                    case "--name":
                        name = value;
                        break;
                    default:
                        settings.Add($"{option}={value}");
                        break;
                }
            }
            return new Arguments(operands.FirstOrDefault() ?? "", [.. operands.Skip(1)], scopes, limits, name, [.. settings]);
        }
    }
}
