using System.Diagnostics;
using System.Net.Http.Json;
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
        await Ask();
        foreach (var page in new[] { service.Model, service.DataSource })
            (await service.Client.PutAsJsonAsync($"/v1{page}/tags", new { team = "growth" }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        foreach (var (name, path, ready, prepare) in new (string, string, string, Func<IPage, Task>?)[]
        {
            ("home", "/", "main table", null),
            ("new-datasource", "/datasources/new?location=s3://samples/banking.csv", "text=Why this type", null),
            ("datasource", service.DataSource, "text=cons_price_idx", null),
            ("new-model", $"/models/new?datasource={service.DataSource.Split('/')[^1]}", "text=Recipe and parameters", Custom),
            ("model", service.Model, "text=Speaks against", null),
            ("evaluation", service.Evaluation, "[data-figure=precision]:not(:empty)", TopThreePercent),
            ("evaluation-regression", service.RegressionEvaluation, "svg[aria-label='Predicted against true value'] rect", null),
            ("evaluation-multiclass", service.MulticlassEvaluation, "table.heat td.is-right", null),
            ("attribute", service.DataSource, "text=cons_price_idx", Job),
            ("try", service.Model + "/try", "text=Fill in an example", Example),
            ("batch-prediction", service.BatchPrediction, "text=bestAnswer", null),
            ("endpoints", "/endpoints", "svg[aria-label=Latency]", null),
            ("files", "/files", "text=samples", null),
            ("keys", "/keys", "text=Make the key", null),
        })
        {
            var page = await browser.Open(service.Address, path, new() { ViewportSize = new() { Width = 1200, Height = 780 } });
            await Take(page, ready, prepare, Path.Combine(images, $"{name}.png"));
        }
        await Race(Path.Combine(images, "training.png"));
        var dark = await browser.Open(service.Address, service.Evaluation, new() { ViewportSize = new() { Width = 1200, Height = 780 }, ColorScheme = ColorScheme.Dark });
        await Take(dark, "[data-figure=precision]:not(:empty)", TopThreePercent, Path.Combine(images, "evaluation-dark.png"));
        foreach (var (name, path, ready, prepare) in new (string, string, string, Func<IPage, Task>?)[]
        {
            ("evaluation-narrow", service.Evaluation, "[data-figure=precision]:not(:empty)", TopThreePercent),
            ("datasource-narrow", service.DataSource, "text=Distribution of duration", null),
        })
        {
            var narrow = await browser.Open(service.Address, path, new() { ViewportSize = new() { Width = 400, Height = 780 } });
            await Take(narrow, ready, prepare, Path.Combine(images, $"{name}.png"));
        }
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

    /// <summary>Calls the endpoint for some seconds, more and more often.</summary>
    private async Task Ask()
    {
        using var body = JsonContent.Create(new { record = new { age = 44, duration = 640 } });
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(27);)
        {
            using var answer = await service.Client.PostAsync($"/realtime/{service.Model.Split('/')[^1]}", body);
            answer.EnsureSuccessStatusCode();
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(2, 40 - watch.Elapsed.TotalSeconds)));
        }
    }

    private async Task Race(string file)
    {
        await service.StartRace("race");
        var page = await browser.Open(service.Address, "/models/race", new() { ViewportSize = new() { Width = 1200, Height = 780 } });
        await Take(page, "text=leads with a loss", null, file);
        (await service.Client.PostAsync("/v1/models/race/cancel", null)).Dispose();
    }

    private static async Task Job(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "job", Exact = true }).ClickAsync();
        await page.GetByText("y is 1 in").WaitForAsync();
        await page.Locator("section.attributes").ScrollIntoViewIfNeededAsync();
        await page.EvaluateAsync("document.querySelector('section.attributes').scrollIntoView()");
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
