using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MlService.Samples;
using MlService.Tests;

namespace MlService.BrowserTests;

/// <summary>A service where people sign in, with a key that may do all, and a model that is being trained.</summary>
public sealed class KeysService : IAsyncLifetime
{
    public const string Id = "first-key";
    public const string Secret = "a-secret-for-this-test-alone";

    private readonly RunningService _service = new()
    {
        More =
        [
            "--Access:Mode=Keys", $"--Access:MasterKey={Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}",
            $"--Access:FirstKey:Id={Id}", $"--Access:FirstKey:Secret={Secret}",
        ],
    };

    public Uri Address => _service.Address;

    /// <summary>Page of the model, and of the evaluation that will be.</summary>
    public string Model { get; private set; } = "";

    /// <summary>Id and secret of a key that may only read.</summary>
    public (string Id, string Secret) Reader { get; private set; }

    public async ValueTask InitializeAsync()
    {
        await _service.InitializeAsync();
        _service.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"{Id}:{Secret}");
        using (var answer = await _service.Client.PutAsync($"/v1/objects/{BankingSample.Bucket}/{BankingSample.Batch.Key}", new StreamContent(BankingSample.Batch.OpenRead())))
            answer.EnsureSuccessStatusCode();
        Model = $"/models/{(await Post("/v1/train", new { dataLocation = BankingSample.Batch.Uri, target = "age", name = "Age" }))["modelId"]}";
        var key = await Post("/v1/keys", new { name = "Looks only", scopes = new[] { "read" } });
        Reader = ((string)key["id"]!, (string)key["secret"]!);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    private async Task<JsonNode> Post(string path, object body)
    {
        using var answer = await _service.Client.PostAsJsonAsync(path, body);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }
}

public sealed class SignInTests(Browser browser, KeysService service) : IClassFixture<Browser>, IClassFixture<KeysService>
{
    [Fact]
    public async Task APersonSignsInToThePageThatWasAskedForAndOutAgain()
    {
        var page = await browser.Open(service.Address, "/models");
        await Expect(page).ToHaveURLAsync(new Regex("/sign-in"));
        await SignIn(page, KeysService.Id, "wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no good key");
        await SignIn(page, KeysService.Id, KeysService.Secret);
        await Expect(page).ToHaveURLAsync(new Regex("/models$"));
        await Expect(page.Locator("main table")).ToContainTextAsync("Age");

        var session = Assert.Single(await page.Context.CookiesAsync(), cookie => cookie.Name == "mlservice-session");
        Assert.True(session.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, session.SameSite);
        Assert.Equal("", await page.EvaluateAsync<string>("document.cookie.replace(/\\.AspNetCore\\.Antiforgery[^;]*;? ?/, '')"));

        await page.GetByRole(AriaRole.Link, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        Assert.DoesNotContain(await page.Context.CookiesAsync(), cookie => cookie.Name == "mlservice-session");
        await page.GotoAsync("/models");
        await Expect(page).ToHaveURLAsync(new Regex("/sign-in"));
    }

    [Fact]
    public async Task PagesComeWithHeadersThatKeepOthersOut()
    {
        var page = await browser.Open(service.Address);
        await SignIn(page, KeysService.Id, KeysService.Secret);
        foreach (var path in new[] { "/", "/keys", "/sign-in" })
        {
            var headers = (await page.GotoAsync(path))!.Headers;
            var policy = headers["content-security-policy"];
            Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("script-src 'unsafe-inline'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", headers["x-content-type-options"]);
            Assert.Equal("same-origin", headers["referrer-policy"]);
        }
    }

    [Fact, LongProof]
    public async Task APersonWhoMayOnlyReadSeesEveryPageAndIsToldInWordsWhatIsNotAllowed()
    {
        List<string> errors = [];
        var page = await browser.Open(service.Address);
        page.Console += (_, message) => { if (message.Type == "error") errors.Add($"{page.Url}: {message.Text}"); };
        await SignIn(page, service.Reader.Id, service.Reader.Secret);
        await Expect(page.GetByText(service.Reader.Id)).ToBeVisibleAsync();
        foreach (var (path, words, forbidden) in new[]
        {
            (service.Model, "Age", "Open the endpoint"),
            ("/files", "Your key may only look", null),
            ("/keys", "Your key does not allow this", null),
            ("/datasources/new", "Your key may only look", null),
            ("/datasources/new?location=" + BankingSample.Batch.Uri, "Your key may only look", null),
            ("/models/new", "Your key may only look", null),
            ("/evaluations/new", "Your key may only look", null),
            ("/batch-predictions/new", "Your key may only look", null),
        })
        {
            await page.GotoAsync(path);
            await page.Locator("html[data-live]").WaitForAsync();
            await Expect(page.Locator("main")).ToContainTextAsync(words);
            if (forbidden is not null)
                await Expect(page.GetByText(forbidden, new() { Exact = true })).ToHaveAttributeAsync("disabled", new Regex(".*"));
        }
        Assert.Empty(errors);
    }

    private static async Task SignIn(IPage page, string id, string secret)
    {
        await page.GetByLabel("Key id").FillAsync(id);
        await page.GetByLabel("Secret").FillAsync(secret);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }
}
