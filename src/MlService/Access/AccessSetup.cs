using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using MlService.Jobs;
using MlService.Learning;

namespace MlService.Access;

/// <summary>Who may call the service.</summary>
public static partial class AccessSetup
{
    /// <summary>Adds access keys and the audit log, and reads the master key.</summary>
    /// <exception cref="InvalidInputException">The mode is unknown, or the master key cannot be used.</exception>
    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section);
        services.AddSingleton(SecretSeal.Of(Read(configuration)));
        services.AddSingleton<KeyRing>();
        services.AddSingleton<AccessKeys>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<SignInCookie>();
        services.AddSingleton<SeenSignatures>();
        services.AddSingleton(provider => new PredictionRate(
            provider.GetRequiredService<IOptions<AccessOptions>>(), () => provider.GetRequiredService<ClusterMembers>().Answering));
        return services;
    }

    /// <summary>Whether calls need an access key.</summary>
    /// <exception cref="InvalidInputException">The mode is unknown.</exception>
    public static bool AsksForKeys(IConfiguration configuration) => Read(configuration).Mode == AccessMode.Keys;

    /// <summary>
    /// Guards the service as <c>Access:Mode</c> says, right behind the handling of problems. In local mode it decides the default address,
    /// refuses to start where other machines could call, and refuses requests that web pages elsewhere make. In keys mode it asks
    /// every call for its key and notes changes in the audit log.
    /// </summary>
    /// <exception cref="InvalidInputException">The mode is unknown, or it is local and an address is not loopback.</exception>
    public static WebApplication UseAccess(this WebApplication app)
    {
        if (!LoopbackOnly.Configured(app.Configuration, app.Urls).Any())
            app.Urls.Add(LoopbackOnly.DefaultUrl);
        if (AsksForKeys(app.Configuration))
        {
            app.UseMiddleware<KeyGuard>();
            app.UseMiddleware<AuditTrail>();
            return app;
        }
        LoopbackOnly.Verify(app.Configuration, app.Urls);
        app.Lifetime.ApplicationStarted.Register(() => StopUnlessLoopback(app));
        app.UseMiddleware<LocalGuard>();
        return app;
    }

    /// <summary>In keys mode, before the first request: checks the master key against the keys that there are, and makes the first key.</summary>
    /// <exception cref="InvalidInputException">The master key is not the one from before, or the first key cannot be used.</exception>
    public static async Task PrepareAccess(this IServiceProvider services, CancellationToken cancellation)
    {
        var options = services.GetRequiredService<IOptions<AccessOptions>>().Value;
        if (options.Mode != AccessMode.Keys)
            return;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(AccessSetup));
        var keys = services.GetRequiredService<AccessKeys>();
        services.GetRequiredService<PredictionRate>();
        await keys.VerifyMasterKey(cancellation);
        if (await keys.AddFirst(options.FirstKey, cancellation))
        {
            LogFirstKey(logger, options.FirstKey.Id!);
            await services.GetRequiredService<AuditLog>().Note("configuration", "create first key", $"/v1/keys/{options.FirstKey.Id}", cancellation);
        }
        if (!await keys.HasAdmin(cancellation))
            LogNoAdmin(logger);
    }

    private static AccessOptions Read(IConfiguration configuration)
    {
        try
        {
            return configuration.GetSection(AccessOptions.Section).Get<AccessOptions>() ?? new AccessOptions();
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidInputException(
                $"A setting of section {AccessOptions.Section} cannot be read: {exception.Message} Access:Mode is Local or Keys; rates and days are whole numbers.", exception);
        }
    }

    /// <summary>Code can add endpoints that no setting shows (ListenAnyIP): what was bound in the end is checked too.</summary>
    private static void StopUnlessLoopback(WebApplication app)
    {
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        foreach (var url in bound.Where(url => !LoopbackOnly.IsLoopbackUrl(url)))
        {
            LogOpenAddress(app.Logger, url);
            app.Lifetime.StopApplication();
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Listening on {Url}, which other machines can reach: stopping, since Access:Mode is Local")]
    private static partial void LogOpenAddress(ILogger logger, string url);

    [LoggerMessage(Level = LogLevel.Information, Message = "Made the first access key, {Id}, with scope admin")]
    private static partial void LogFirstKey(ILogger logger, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "There is no access key with scope admin. Make one: MlService keys create --scope admin")]
    private static partial void LogNoAdmin(ILogger logger);
}
