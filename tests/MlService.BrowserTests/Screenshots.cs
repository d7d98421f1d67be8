using MlService.Tests;

namespace MlService.BrowserTests;

/// <summary>
/// Takes the documentation's pictures of the console, <c>docs/images</c>. It is compiled and run when asked for:
/// <c>dotnet test --project tests/MlService.BrowserTests -p:Screenshots=true --filter-class "*Screenshots"</c>
/// </summary>
public sealed class Screenshots(Browser browser, TrainedService service) : IClassFixture<Browser>, IClassFixture<TrainedService>
{
    [Fact]
    public async Task TakeAll()
    {
        var images = Repository.Path("docs", "images");
        Directory.CreateDirectory(images);
        foreach (var (name, path, ready, prepare) in new (string, string, string, Func<IPage, Task>?)[]
        {
            ("home", "/", "main table", null),
            ("new-datasource", "/datasources/new?location=s3://samples/banking.csv", "text=Why this type", null),
            ("datasource", service.DataSource, "text=cons_price_idx", null),
            ("new-model", $"/models/new?datasource={service.DataSource.Split('/')[^1]}", "text=Recipe and parameters", Custom),
            ("model", service.Model, "text=Speaks against", null),
            ("evaluation", service.Evaluation, "[data-figure=precision]:not(:empty)", TopThreePercent),
            ("try", service.Model + "/try", "text=Fill in an example", Example),
            ("batch-prediction", service.BatchPrediction, "text=bestAnswer", null),
            ("endpoints", "/endpoints", "text=Close the endpoint", null),
            ("files", "/files", "text=samples", null),
            ("keys", "/keys", "text=Make the key", null),
        })
        {
            var page = await browser.Open(service.Address, path, new() { ViewportSize = new() { Width = 1200, Height = 780 } });
            await Take(page, ready, prepare, Path.Combine(images, $"{name}.png"));
        }
        var dark = await browser.Open(service.Address, service.Evaluation, new() { ViewportSize = new() { Width = 1200, Height = 780 }, ColorScheme = ColorScheme.Dark });
        await Take(dark, "[data-figure=precision]:not(:empty)", TopThreePercent, Path.Combine(images, "evaluation-dark.png"));
        var narrow = await browser.Open(service.Address, service.Evaluation, new() { ViewportSize = new() { Width = 400, Height = 780 } });
        await Take(narrow, "[data-figure=precision]:not(:empty)", TopThreePercent, Path.Combine(images, "evaluation-narrow.png"));
    }

    private static async Task Take(IPage page, string ready, Func<IPage, Task>? prepare, string file)
    {
        await page.Locator("html[data-live]").WaitForAsync();
        await page.Locator(ready).First.WaitForAsync();
        if (prepare is not null)
            await prepare(page);
        await page.EvaluateAsync("document.fonts.ready");
        await page.Mouse.MoveAsync(0, 0);
        await page.ScreenshotAsync(new() { Path = file, Animations = ScreenshotAnimations.Disabled, Caret = ScreenshotCaret.Hide });
        await page.Context.CloseAsync();
    }

    private static async Task TopThreePercent(IPage page)
    {
        var share = page.GetByLabel("Percent predicted as 1");
        await share.FillAsync("3");
        await share.PressAsync("Enter");
        await Expect(page.Locator("[data-figure=share]")).ToHaveTextAsync("3.0%");
        await share.BlurAsync();
    }

    private static async Task Custom(IPage page)
    {
        await page.Locator("input[name=settings]").Nth(1).CheckAsync();
        await page.GetByText("Features of the first rows").WaitForAsync();
    }

    private static async Task Example(IPage page)
    {
        await page.GetByText("Fill in an example").ClickAsync();
        await Expect(page.Locator("#value-age")).Not.ToHaveValueAsync("");
    }
}
