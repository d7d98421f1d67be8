using System.IO.Compression;
using System.Text.RegularExpressions;
using MlService.Samples;
using MlService.Tests;

namespace MlService.BrowserTests;

public sealed partial class TutorialTests(Browser browser, RunningService service) : IClassFixture<Browser>, IClassFixture<RunningService>
{
    [Fact]
    public async Task APersonGetsFromADroppedFileToDownloadedPredictionsOfWhichThreePercentAreYes()
    {
        var page = await browser.Open(service.Address);

        await page.GetByRole(AriaRole.Link, new() { Name = "Bring a file of your own" }).ClickAsync();
        await page.Drop("banking.csv", Text(BankingSample.Labelled));

        await Expect(page.GetByText("y is to be predicted, by a binary model")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Type of pdays" }).SelectOptionAsync("Categorical");
        await page.GetByText("Continue", new() { Exact = true }).ClickAsync();
        await page.GetByText("Create datasource").ClickAsync();

        await Expect(page.GetByText("41,188 rows, 21 attributes.")).ToBeVisibleAsync();
        await Expect(page.GetByText("duration tells most about y")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Train a model" }).ClickAsync();
        await page.GetByText("Train", new() { Exact = true }).ClickAsync();

        await Expect(page.GetByText("Speaks for").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        // A note that it is completed may link to it as well.
        await page.Locator("#content").GetByRole(AriaRole.Link, new() { Name = "Evaluation: ML model: banking.csv" }).ClickAsync();

        await Expect(page.GetByText("AUC 0.9")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-figure=precision]")).ToHaveTextAsync(Percent());
        var share = page.GetByLabel("Percent predicted as 1");
        await share.FillAsync("3");
        await share.PressAsync("Enter");
        await Expect(page.Locator("[data-figure=share]")).ToHaveTextAsync("3.0%");
        await page.GetByText("Save as the model's threshold").ClickAsync();
        await Expect(page.GetByText("Saved. The model's is 0.8")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "The model" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Try it" }).ClickAsync();
        await page.GetByText("Fill in an example").ClickAsync();
        await Expect(page.GetByTestId("prediction")).ToHaveTextAsync(ZeroOrOne());
        await page.GoBackAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Predict a file" }).ClickAsync();
        await page.Drop("new-customers.csv", Text(BankingSample.Batch));
        await Expect(page.GetByText("20 columns; the first line has their names.")).ToBeVisibleAsync();
        await page.GetByText("Predict", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByText("4,119 rows have their prediction.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "bestAnswer" })).ToBeVisibleAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());

        await using var plain = new GZipStream(File.OpenRead(await download.PathAsync()), CompressionMode.Decompress);
        var lines = (await new StreamReader(plain).ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("bestAnswer,score", lines[0]);
        Assert.Equal(4119, lines.Length - 1);
        // 3% of the rows that the model was judged on; other rows of the same campaign are a little more or less.
        Assert.InRange(lines.Count(line => line.StartsWith("1,", StringComparison.Ordinal)) / 4119.0, 0.02, 0.045);
    }

    private static string Text(BankingSample sample)
    {
        using var reader = new StreamReader(sample.OpenRead());
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"^\d+(\.\d+)?%$")]
    private static partial Regex Percent();

    [GeneratedRegex("^[01]$")]
    private static partial Regex ZeroOrOne();
}
