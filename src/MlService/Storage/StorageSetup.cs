using MlService.Learning;

namespace MlService.Storage;

/// <summary>Registers the object store that the configuration asks for.</summary>
public static class StorageSetup
{
    private const string S3Endpoint = "Storage:S3:Endpoint";

    /// <summary>Adds the object store: <c>objects</c> in the data directory.</summary>
    /// <exception cref="InvalidInputException">The configuration asks for a store that this version does not have.</exception>
    public static IServiceCollection AddStorage(
        this IServiceCollection services, IConfiguration configuration, DataDirectory directory)
    {
        if (!string.IsNullOrWhiteSpace(configuration[S3Endpoint]))
            throw new InvalidInputException(
                $"{S3Endpoint} is set, and this version keeps objects in a directory only. Remove the setting, "
                + "so that objects lie in Data:Directory.");
        var store = new DirectoryObjectStore(Path.Combine(directory.Root, "objects"));
        return services.AddSingleton<IObjectStore>(store);
    }
}
