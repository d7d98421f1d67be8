using System.Collections.Frozen;
using MlService.Learning;
using MlService.Metadata;

namespace MlService.Databases;

/// <summary>The databases that the operator has named. Requests choose among the names, so no other host can be reached.</summary>
public sealed class SourceDatabases
{
    private readonly FrozenDictionary<string, SourceDatabase> _byName;

    private SourceDatabases(IEnumerable<SourceDatabase> databases) =>
        _byName = databases.ToFrozenDictionary(database => database.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the sections <c>Databases:{name}</c>.</summary>
    /// <exception cref="InvalidInputException">A setting cannot be used.</exception>
    public static SourceDatabases Of(IConfiguration configuration) =>
        new(configuration.GetSection("Databases").GetChildren().Select(Read));

    /// <summary>The names, in order.</summary>
    public IEnumerable<string> Names => _byName.Keys.Order(StringComparer.Ordinal);

    /// <summary>Finds a database by its name, upper or lower case.</summary>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public SourceDatabase Find(string name) => _byName.GetValueOrDefault(name) ?? throw new InvalidInputException(
        $"No database '{name.Shorten()}' is configured. "
        + (_byName.Count == 0 ? "None is; whoever" : $"There are: {string.Join(", ", Names)}. Whoever")
        + " runs the service names databases in its configuration, Databases:{name}.");

    private static SourceDatabase Read(IConfigurationSection section)
    {
        DatabaseOptions options;
        try
        {
            options = section.Get<DatabaseOptions>() ?? new DatabaseOptions();
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidInputException(
                $"A setting of {section.Path} cannot be read: {exception.Message} Kind is {string.Join(", ", Enum.GetNames<DatabaseKind>())}; TimeoutSeconds is a whole number.",
                exception);
        }
        if (options.TimeoutSeconds < 1)
            throw new InvalidInputException($"{section.Path}:TimeoutSeconds is {options.TimeoutSeconds}; it must be 1 or more.");
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
            throw new InvalidInputException($"{section.Path}:ConnectionString is missing. It names host, database and login.");
        try
        {
            return options.Kind is DatabaseKind.MySql or DatabaseKind.MariaDb
                ? new MySqlSource(section.Key, options)
                : new PostgreSqlSource(section.Key, options);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidInputException($"{section.Path}:ConnectionString cannot be read: {exception.Message}", exception);
        }
    }
}
