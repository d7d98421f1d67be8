using MlService.Tests;

namespace MlService.BrowserTests;

public sealed class HomeTests(Browser browser, RunningService service) : IClassFixture<Browser>, IClassFixture<RunningService>
{
    [Fact]
    public async Task TheDashboardSaysWhatComesFirstAndShowsWhatIsMadeElsewhere()
    {
        var page = await browser.Open(service.Address);

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Home" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Nothing has been made yet")).ToBeVisibleAsync();

        await service.Client.PutAsync("/v1/objects/mine/small.csv", new StringContent("a,y\n1,0\n2,1\n3,0\n"), TestContext.Current.CancellationToken);
        await service.Client.PostAsync(
            "/v1/datasources",
            new StringContent("""{"id": "small", "name": "Three rows", "dataLocation": "s3://mine/small.csv"}""", null, "application/json"),
            TestContext.Current.CancellationToken);

        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Three rows" });
        await Expect(row).ToContainTextAsync("Ready");
        await Expect(row).ToContainTextAsync("3 rows");
    }
}
