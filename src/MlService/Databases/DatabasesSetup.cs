namespace MlService.Databases;

/// <summary>Puts the databases that datasources may query into the service.</summary>
public static class DatabasesSetup
{
    /// <summary>Adds the databases that the configuration names.</summary>
    public static IServiceCollection AddDatabases(this IServiceCollection services) => services
        .AddSingleton(provider => SourceDatabases.Of(provider.GetRequiredService<IConfiguration>()))
        .AddSingleton<QueryExport>();

    /// <summary>Checks their settings, so that a mistake ends the start.</summary>
    /// <exception cref="Learning.InvalidInputException">A setting cannot be used.</exception>
    public static WebApplication CheckDatabases(this WebApplication app)
    {
        app.Services.GetRequiredService<SourceDatabases>();
        return app;
    }
}
