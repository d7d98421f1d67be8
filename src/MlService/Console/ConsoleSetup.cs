using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.FluentUI.AspNetCore.Components;
using MlService.Access;
using MlService.Console.Keys;
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
        var cookies = builder.Services.AddDataProtection().SetApplicationName(Name)
            .PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(directory.Root, "console-keys")));
        if (AccessSetup.AsksForKeys(builder.Configuration))
            cookies.Services.AddOptions<KeyManagementOptions>().Configure<SecretSeal>((keys, seal) => keys.XmlEncryptor = new SealedXml(seal));
        builder.Services.AddScoped<Visitor>();
        builder.Services.AddSingleton<ResourceBook>();
        return builder;
    }

    /// <summary>Maps the pages and what they load.</summary>
    internal static WebApplication MapConsole(this WebApplication app)
    {
        // Only pages need these two. The framework would put the first before everything else.
        app.UseAuthorization();
        app.UseAntiforgery();
        app.Use(SayWhatIsNotThere);
        app.MapStaticAssets().AllowWithoutKey();
        // A circuit lasts as long as its page is open. Pages are read: POST / belongs to Amazon's protocol.
        app.MapRazorComponents<Document>()
            .AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null)
            .WithoutTimeLimit()
            .Add(Describe);
        app.MapSignIn();
        return app;
    }

    /// <summary>People who mistype an address get a page that says so; programs get the service's own answer.</summary>
    private static Task SayWhatIsNotThere(HttpContext context, RequestDelegate next) => EndpointAccess.IsPersonLost(context)
        ? new RazorComponentResult<Document> { StatusCode = StatusCodes.Status404NotFound }.ExecuteAsync(context)
        : next(context);

    /// <summary>
    /// A page is read, by people who may sign in first; what it shows and changes, it asks of the visitor's rights. The circuit's own endpoints,
    /// whatever their methods, need no more than the page.
    /// </summary>
    private static void Describe(EndpointBuilder endpoint)
    {
        var page = endpoint.Metadata.OfType<ComponentTypeMetadata>().FirstOrDefault()?.Type;
        endpoint.Metadata.Add(new RequiredScope(page == typeof(SignInPage) ? AccessScopes.None : AccessScopes.Read));
        endpoint.Metadata.Add(new ChecksLimits());
        if (page is null)
            return;
        if (page != typeof(SignInPage))
            endpoint.Metadata.Add(new PageForPeople());
        if (endpoint.Metadata.OfType<HttpMethodMetadata>().FirstOrDefault() is { } methods)
            endpoint.Metadata.Remove(methods);
        endpoint.Metadata.Add(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));
    }
}
