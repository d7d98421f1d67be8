using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using MlService.Learning;

namespace MlService.Access;

/// <summary>Who may call the service.</summary>
public static partial class AccessSetup
{
    private const string ModeKey = "Access:Mode";

    /// <summary>
    /// Guards the service in local mode, right behind the handling of problems: decides the default address, refuses to
    /// start where other machines could call, and refuses requests that web pages elsewhere make.
    /// </summary>
    /// <exception cref="InvalidInputException">The mode is unknown, or an address is not loopback.</exception>
    public static WebApplication UseLocalAccess(this WebApplication app)
    {
        var mode = app.Configuration[ModeKey];
        if (!string.IsNullOrWhiteSpace(mode) && !mode.Equals("Local", StringComparison.OrdinalIgnoreCase))
            throw new InvalidInputException($"{ModeKey} is '{mode}', and this version knows Local only. Remove the setting or set Local.");
        if (!LoopbackOnly.Configured(app.Configuration, app.Urls).Any())
            app.Urls.Add(LoopbackOnly.DefaultUrl);
        LoopbackOnly.Verify(app.Configuration, app.Urls);
        app.Lifetime.ApplicationStarted.Register(() => StopUnlessLoopback(app));
        app.UseMiddleware<LocalGuard>();
        return app;
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
}
