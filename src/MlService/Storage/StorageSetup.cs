using MlService.Learning;

namespace MlService.Storage;

/// <summary>Registers the object store that the configuration asks for.</summary>
public static class StorageSetup
{
    /// <summary>Adds the object store: a server that speaks S3 if <see cref="S3Options"/> are set, or else <c>objects</c> in the data directory.</summary>
    /// <exception cref="InvalidInputException">The settings do not fit together.</exception>
    public static IServiceCollection AddStorage(
        this IServiceCollection services, IConfiguration configuration, DataDirectory directory)
    {
        if (S3Options.Read(configuration) is not { } options)
            return services.AddSingleton<IObjectStore>(new DirectoryObjectStore(
                Path.Combine(directory.Root, "objects"), DataOptions.Read(configuration).ReserveBytes));
        services.AddSingleton(options);
        services.AddSingleton<S3ObjectStore>();
        services.AddSingleton<IObjectStore>(provider => provider.GetRequiredService<S3ObjectStore>());
        services.AddHostedService<S3Start>();
        return services;
    }
}
