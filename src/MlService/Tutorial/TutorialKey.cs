using System.Net.Http.Headers;
using MlService.Access;

namespace MlService.Tutorial;

/// <summary>
/// The access key of a tutorial that runs by itself: where calls need one, it is made for the run and revoked behind it, and the audit log
/// has both.
/// </summary>
internal sealed class TutorialKey(IServiceProvider services, AccessKey? key, AuthenticationHeaderValue? header) : IAsyncDisposable
{
    private const string Who = "tutorial";

    /// <summary>What each call sends; null where there are no keys.</summary>
    public AuthenticationHeaderValue? Header => header;

    /// <summary>Makes the key, if the service asks for keys.</summary>
    public static async Task<TutorialKey> For(WebApplication app)
    {
        if (!AccessSetup.AsksForKeys(app.Configuration))
            return new TutorialKey(app.Services, null, null);
        var (key, secret) = await app.Services.GetRequiredService<AccessKeys>()
            .Create("The tutorial, by itself", AccessScopes.Admin, ResourceLimits.None, Who, app.Lifetime.ApplicationStopping);
        await Note(app.Services, "keys create", key.Id);
        return new TutorialKey(app.Services, key, new AuthenticationHeaderValue("Bearer", $"{key.Id}:{secret}"));
    }

    /// <summary>Revokes the key.</summary>
    public async ValueTask DisposeAsync()
    {
        if (key is null)
            return;
        await Note(services, "keys revoke", key.Id);
        await services.GetRequiredService<AccessKeys>().Revoke(key.Id, CancellationToken.None);
    }

    private static Task Note(IServiceProvider services, string action, string id) =>
        services.GetRequiredService<AuditLog>().Note(Who, action, $"/v1/keys/{id}", CancellationToken.None);
}
