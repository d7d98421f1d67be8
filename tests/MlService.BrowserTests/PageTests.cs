using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MlService.Tests;

namespace MlService.BrowserTests;

/// <summary>Every page, with something on it.</summary>
public sealed class PageTests(Browser browser, TrainedService service) : IClassFixture<Browser>, IClassFixture<TrainedService>
{
    // What stands there once the page is alive.
    private IEnumerable<(string Path, string Ready)> Pages =>
    [
        ("/", "main table"), ("/datasources", "main table"), ("/datasources/new", "[data-drop][data-ready]"),
        ("/datasources/new?location=s3://samples/banking.csv", "text=Why this type"), (service.DataSource, "text=Distribution of duration"),
        ("/models/new", "main select option:nth-child(2)"), (service.Model, "text=Speaks against"), (service.Model + "/try", "text=Fill in an example"),
        (service.Evaluation, "[data-figure=precision]:not(:empty)"), (service.RegressionEvaluation, "svg[aria-label='Predicted against true value'] rect"),
        (service.MulticlassEvaluation, "table.heat td.is-right"), (service.MulticlassModel, "text=Speaks against"), ("/evaluations/new", "main select option:nth-child(2)"),
        (service.BatchPrediction, "text=bestAnswer"), ("/batch-predictions/new", "[data-drop][data-ready]"),
        ("/endpoints", "text=Close the endpoint"), ("/files", "[data-drop][data-ready]"), ("/keys", "text=Make the key"), ("/sign-in", "h1"),
    ];

    [Theory, LongProof]
    [InlineData(ColorScheme.Light, 1280, 400)]
    [InlineData(ColorScheme.Dark, 1280)]
    public async Task PagesHaveNoSeriousFindingsOfAxeNorScrollSideways(ColorScheme colours, params int[] widths)
    {
        var script = Repository.Path("tests", "MlService.BrowserTests", "axe", "node_modules", "axe-core", "axe.min.js");
        if (!File.Exists(script))
            Requires.Missing("axe-core is not installed: npm ci --prefix tests/MlService.BrowserTests/axe");
        List<string> findings = [];
        var page = await browser.Open(service.Address, "/", new() { ColorScheme = colours, BypassCSP = true });
        page.Console += (_, message) => { if (message.Type == "error") findings.Add($"{page.Url} console: {message.Text}"); };
        foreach (var (path, ready) in Pages)
        {
            await page.GotoAsync(path);
            await page.Locator(ready).First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
            if (path != "/sign-in")
                await page.Locator("html[data-live]").WaitForAsync();
            await Expect(page).ToHaveTitleAsync(new Regex("MlService$"));
            await page.AddScriptTagAsync(new() { Path = script });
            foreach (var width in widths)
                await Judge(path, width);
        }
        Assert.True(findings.Count == 0, string.Join('\n', findings));

        async Task Judge(string path, int width)
        {
            await page.SetViewportSizeAsync(width, 900);
            var result = await page.EvaluateAsync<JsonElement>("axe.run({ resultTypes: ['violations'] })");
            findings.AddRange(result.GetProperty("violations").EnumerateArray()
                .Where(violation => violation.GetProperty("impact").GetString() is "serious" or "critical")
                .Select(violation => $"{path} {width}: {violation.GetProperty("id")} at {violation.GetProperty("nodes")[0].GetProperty("html")}"));
            var wide = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
            if (wide > width)
                findings.Add($"{path} is {wide} pixels wide");
        }
    }

    [Fact]
    public async Task TheLineIsMovedByKeysAndByTheMouseAndAllFiguresAreThoseOfTheService()
    {
        var page = await browser.Open(service.Address, service.Evaluation);
        var line = page.GetByRole(AriaRole.Slider, new() { Name = "Score threshold" });
        await Expect(page.Locator("[data-figure=tp]")).Not.ToBeEmptyAsync();
        await line.PressAsync("PageUp");
        await AgreesAt(0.6);

        var box = (await page.Locator("[data-scores]").BoundingBoxAsync())!;
        // The axis is drawn from 48 to 944 of 960.
        var (from, to) = (box.X + box.Width * (48 + 0.6f * 896) / 960, box.X + box.Width * (48 + 0.25f * 896) / 960);
        await page.Mouse.MoveAsync(from, box.Y + box.Height / 2);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync((from + to) / 2, box.Y + box.Height / 2, new() { Steps = 5 });
        await page.Mouse.MoveAsync(to, box.Y + box.Height / 2, new() { Steps = 5 });
        await page.Mouse.UpAsync();
        await AgreesAt(double.Parse((await line.GetAttributeAsync("aria-valuenow"))!, CultureInfo.InvariantCulture));

        async Task AgreesAt(double threshold)
        {
            await Expect(line).ToHaveAttributeAsync("aria-valuenow", threshold.ToString("0.0000", CultureInfo.InvariantCulture));
            var exact = (double)await page.EvaluateAsync<float>("document.querySelector('[data-threshold]').valueAsNumber");
            var report = (await service.Client.GetFromJsonAsync<JsonNode>(
                FormattableString.Invariant($"/v1{service.Evaluation}/report?threshold={Math.Round(exact, 4)}"), TestContext.Current.CancellationToken))!;
            // A row or two may have a score between the line and its four digits.
            foreach (var (figure, name) in new[] { ("tp", "truePositives"), ("fp", "falsePositives"), ("fn", "falseNegatives"), ("tn", "trueNegatives") })
            {
                var shown = long.Parse(await page.Locator($"[data-figure={figure}]").TextContentAsync() ?? "", NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
                Assert.InRange(shown, (long)report[name]! - 2, (long)report[name]! + 2);
            }
        }
    }

    [Fact]
    public async Task ANumbersEvaluationShowsEveryRowOfItsReportInCellsAndInItsResiduals()
    {
        var report = await Report(service.RegressionEvaluation);
        var page = await browser.Open(service.Address, service.RegressionEvaluation);
        await page.Locator("html[data-live]").WaitForAsync();
        await Expect(page.GetByText("always answering the mean gets")).ToBeVisibleAsync();
        foreach (var (title, rows) in new[]
        {
            ("Predicted against true value", (long)report["rows"]! - (long)report["predictions"]!["outside"]!),
            ("Residuals: true value less prediction", (long)report["rows"]!),
        })
        {
            var counts = page.Locator("figure", new() { HasText = title }).Locator("tbody td:last-child");
            await Expect(counts.First).ToBeAttachedAsync();
            Assert.Equal(rows, (await counts.AllTextContentsAsync()).Sum(text => long.Parse(text, CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public async Task TheConfusionMatrixHasTheReportsCountsWithWhatIsRightOnItsDiagonal()
    {
        var report = await Report(service.MulticlassEvaluation);
        var page = await browser.Open(service.Address, service.MulticlassEvaluation);
        await page.Locator("html[data-live]").WaitForAsync();
        var rows = page.Locator("table.heat tbody tr");
        await Expect(rows).ToHaveCountAsync(report["labels"]!.AsArray().Count);
        for (var i = 0; i < await rows.CountAsync(); i++)
        {
            var shown = (await rows.Nth(i).Locator("td").AllTextContentsAsync())
                .Select(text => text.Length == 0 ? 0 : long.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
            Assert.Equal(report["confusionMatrix"]![i]!.AsArray().Select(count => (long)count!), shown);
            Assert.Equal(i < report["classes"]!.AsArray().Count ? 1 : 0, await rows.Nth(i).Locator("td.is-right").CountAsync());
        }
        Assert.True((double)report["macroF1"]! > (double)report["baselineMacroF1"]!);
    }

    private async Task<JsonNode> Report(string evaluation) =>
        (await service.Client.GetFromJsonAsync<JsonNode>($"/v1{evaluation}/report", TestContext.Current.CancellationToken))!;

    [Fact]
    public async Task AnAttributeIsSplitByTheTargetWithTheReportsShares()
    {
        var report = (await service.Client.GetFromJsonAsync<JsonNode>($"/v1{service.DataSource}/statistics", TestContext.Current.CancellationToken))!;
        var job = report["attributes"]!.AsArray().Single(attribute => (string?)attribute!["name"] == "job")!;
        var retired = job["values"]!["mostFrequent"]!.AsArray().Index().Single(value => (string?)value.Item!["value"] == "retired").Index;
        var page = await browser.Open(service.Address, service.DataSource);
        await page.Locator("html[data-live]").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "job", Exact = true }).ClickAsync();
        var detail = page.GetByRole(AriaRole.Complementary, new() { Name = "job" });
        await Expect(detail).ToContainTextAsync("y is 1 in");
        await Expect(detail.GetByRole(AriaRole.Row, new() { Name = "retired" }).Locator("td").Last).ToHaveTextAsync(
            ((double)job["byTarget"]!["parts"]![retired]!["targetMean"]!).ToString("0.0%", CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task NamesCompleteWhileARecipeIsTypedAndAFaultIsShownWhereItIs()
    {
        var page = await browser.Open(service.Address, $"/models/new?datasource={service.DataSource.Split('/')[^1]}");
        await page.Locator("html[data-live]").WaitForAsync();
        await page.Locator("input[name=settings]").Nth(1).CheckAsync();
        var recipe = page.Locator("textarea[data-ready]");
        await recipe.EvaluateAsync("field => { const at = field.value.lastIndexOf(' ]'); field.focus(); field.setSelectionRange(at, at); }");
        await page.Keyboard.TypeAsync(", \"cartesian(jo");
        await Expect(page.Locator("#recipe-words")).ToContainTextAsync("job");
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.TypeAsync(", educ");
        await Expect(page.Locator("#recipe-words")).ToContainTextAsync("education");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(")\"");
        await Expect(recipe).ToHaveValueAsync(new Regex("cartesian\\(job, education\\)"));
        await Expect(page.Locator(".feature").GetByText("job=").First).ToBeVisibleAsync();

        await page.Keyboard.TypeAsync(", \"nothing\"");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(new Regex("Line \\d+.*nothing"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Show it" }).ClickAsync();
        Assert.Equal("nothing", await recipe.EvaluateAsync<string>("field => field.value.slice(field.selectionStart, field.selectionEnd)"));
    }

    [Fact]
    public async Task AJobThatTakesTooLongIsSeenWithItsSpeedAndStoppedOnTheDashboard()
    {
        await service.StartRace("crawl");
        var page = await browser.Open(service.Address);
        await page.Locator("html[data-live]").WaitForAsync();
        var running = page.GetByRole(AriaRole.Region, new() { Name = "Running now" });
        await Expect(running).ToContainTextAsync("rows/s");
        await running.GetByRole(AriaRole.Button, new() { Name = "Stop A race" }).DispatchEventAsync("click");
        await page.GetByText("Stop it", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "crawl", HasNotText = "crawl-rows" })).ToContainTextAsync("Failed");
    }

    [Fact]
    public async Task LearningRatesAreSeenRacingWhileAModelLearns()
    {
        await service.StartRace("race");
        var page = await browser.Open(service.Address, "/models/race");
        var running = page.Locator("section.card", new() { HasText = "You may leave this page" });
        await Expect(running.Locator(".legend span")).ToHaveCountAsync(5);
        await Expect(running).ToContainTextAsync(new Regex("leads with a loss of 0\\.\\d+ on rows that are held out"));
        using var answer = await service.Client.PostAsync("/v1/models/race/cancel", null, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        await Expect(page.GetByText("This model was stopped")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task ATagOfOneObjectShowsAllThatHaveIt()
    {
        var page = await browser.Open(service.Address, service.Model);
        await page.Locator("html[data-live]").WaitForAsync();
        await page.GetByLabel("Key of a new tag").FillAsync("team");
        await page.GetByLabel("Value of a new tag").FillAsync("growth");
        await page.GetByText("Add tag").ClickAsync();
        await Expect(page.Locator(".tag-list")).ToContainTextAsync("team");
        await page.GotoAsync("/models");
        await page.Locator("html[data-live]").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "team:growth" }).ClickAsync();
        await Expect(page.Locator("main tbody tr")).ToHaveCountAsync(1);
        await page.GetByLabel("Tag").FillAsync("team:risk");
        await page.GetByLabel("Tag").PressAsync("Tab");
        await Expect(page.GetByText("No model has this tag.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task WhatIsNotThereIsSaidInWords()
    {
        var page = await browser.Open(service.Address, "/models/nothing");
        await Expect(page.GetByText("It is not there")).ToBeVisibleAsync();
        await page.GotoAsync("/datasources/new?location=s3://nowhere/file.csv");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("nowhere");
        await page.GotoAsync("/no/such/page");
        await Expect(page.GetByText("There is no such page").First).ToBeVisibleAsync();
        await page.GotoAsync("/?text=zzz");
        await Expect(page.GetByText("Nothing matches")).ToBeVisibleAsync();
    }
}
