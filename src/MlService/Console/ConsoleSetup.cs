using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Routing;
using Microsoft.FluentUI.AspNetCore.Components;
using MlService.Access;
using MlService.Console.Resources;
using MlService.Console.Shell;
using MlService.Limits;
using MlService.Storage;

namespace MlService.Console;

/// <summary>Puts the web console into the service: pages at <c>/</c>, drawn on the server and kept live over one connection for each visitor.</summary>
public static class ConsoleSetup
{
    private const string Name = "MlService";

    /// <summary>
    /// Where the pages' scripts and styles lie: beside the program, wherever it is started from. The name says whose list of assets is
    /// read, also where another program (a test) hosts the service.
    /// </summary>
    internal static WebApplicationOptions Options(string[] args) => new()
    {
        Args = args,
        ApplicationName = Name,
        WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"),
    };

    /// <summary>Adds the console.</summary>
    internal static WebApplicationBuilder AddConsole(this WebApplicationBuilder builder, DataDirectory directory)
    {
        // A build leaves the assets of packages where they are, whatever the environment; only publishing copies them.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(circuits => circuits.DetailedErrors = builder.Environment.IsDevelopment());
        builder.Services.AddFluentUIComponents();
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddDataProtection().SetApplicationName(Name)
            .PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(directory.Root, "console-keys")));
        builder.Services.AddScoped<Visitor>();
        builder.Services.AddSingleton<ResourceBook>();
        return builder;
    }

    /// <summary>Maps the pages and what they load.</summary>
    internal static WebApplication MapConsole(this WebApplication app)
    {
        app.UseAntiforgery();
        app.MapStaticAssets().AllowWithoutKey();
        // A circuit lasts as long as its page is open. Pages are read: POST / belongs to Amazon's protocol.
        app.MapRazorComponents<Document>()
            .AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null)
            .WithoutTimeLimit()
            .Add(ReadOnly);
        return app;
    }

    private static void ReadOnly(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<ComponentTypeMetadata>().Any() && endpoint.Metadata.OfType<HttpMethodMetadata>().FirstOrDefault() is { } methods)
        {
            endpoint.Metadata.Remove(methods);
            endpoint.Metadata.Add(new HttpMethodMetadata([HttpMethods.Get]));
        }
    }
}
