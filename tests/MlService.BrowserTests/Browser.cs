using MlService.Tests;

namespace MlService.BrowserTests;

/// <summary>
/// The machine's Chromium, driven by Playwright; no browser is downloaded. <c>MLSERVICE_TESTS_CHROMIUM</c> names another one than those of
/// the usual places.
/// </summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] UsualPlaces =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

    // As for a job on a machine that does much else: a page that comes late is no fault, and tests assert no time.
    private const float Patience = 90_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Opens a page of the service in a browser context of its own.</summary>
    public async Task<IPage> Open(Uri service, string path = "/", BrowserNewContextOptions? options = null)
    {
        if (_browser is null)
            Requires.Missing("There is no Chromium (apt-get install chromium).");
        options ??= new BrowserNewContextOptions();
        options.BaseURL = service.ToString();
        options.ViewportSize ??= new ViewportSize { Width = 1280, Height = 900 };
        var context = await _browser.NewContextAsync(options);
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        await page.GotoAsync(path);
        return page;
    }

    public async ValueTask InitializeAsync()
    {
        SetDefaultExpectTimeout(Patience);
        var chromium = Environment.GetEnvironmentVariable("MLSERVICE_TESTS_CHROMIUM") ?? Array.Find(UsualPlaces, File.Exists);
        if (chromium is null)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            // Containers without user namespaces cannot sandbox; what is shown is the service's own.
            ChromiumSandbox = false,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
