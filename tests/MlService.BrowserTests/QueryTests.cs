using MlService.Tests;

namespace MlService.BrowserTests;

public sealed class QueryTests(Browser browser, PostgreSqlServer server) : IClassFixture<Browser>
{
    [Fact, LongProof]
    public async Task ADatasourceIsMadeOfAQueryWhoseColumnsAreLookedAtFirst()
    {
        var database = await server.NewDatabase(isMigrated: false);
        await PostgreSqlServer.Execute(database,
            "CREATE TABLE plants AS SELECT i AS number, i % 7 AS water, i % 3 AS shade, CASE WHEN i % 7 > 3 THEN 'tall' ELSE 'small' END AS growth FROM generate_series(1, 500) AS i");
        await using var service = new RunningService { More = [$"--Databases:garden:ConnectionString={database}"] };
        await service.InitializeAsync();
        var page = await browser.Open(service.Address, "/datasources/new");
        await page.Locator("html[data-live]").WaitForAsync();

        await Run("SELECT height FROM plants");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("\"height\" does not exist");
        await Run("SELECT water, shade, growth FROM plants ORDER BY number");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Use of growth" }).SelectOptionAsync("Target");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Use of shade" }).SelectOptionAsync("LeftOut");
        await Expect(page.GetByText("growth is to be predicted, by a multiclass model")).ToBeVisibleAsync();
        await page.GetByText("Continue", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator("#name")).ToHaveValueAsync("Query of garden");
        await page.GetByText("Create datasource").ClickAsync();
        await Expect(page.GetByText("500 rows, 3 attributes.")).ToBeVisibleAsync();

        async Task Run(string query)
        {
            await page.GetByLabel("Query").FillAsync(query);
            await page.GetByText("Run the query").ClickAsync();
        }
    }
}
