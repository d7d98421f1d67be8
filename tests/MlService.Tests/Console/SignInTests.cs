using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using MlService.Tests.Access;

namespace MlService.Tests.Console;

/// <summary>The console in keys mode: who sees its pages, and what its cookie is good for.</summary>
public sealed partial class SignInTests(KeysService service) : IClassFixture<KeysService>
{
    [Fact]
    public async Task StrangersAreSentToSignInFromEveryPageAndOpenNoCircuit()
    {
        using var browser = new Visit(service);
        var pages = service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.Any(item => item.GetType().Name == "ComponentTypeMetadata"))
            .Select(endpoint => "/" + Parameter().Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), "x")).Where(page => page != "/sign-in").ToList();
        Assert.Contains("/evaluations/x", pages);
        foreach (var page in pages)
        {
            using var answer = await browser.Get(page);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.StartsWith("/sign-in?page=", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
            using var head = await browser.Send(HttpMethod.Head, page);
            Assert.Equal(HttpStatusCode.Redirect, head.StatusCode);
        }
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Post("/_blazor/negotiate?negotiateVersion=1", [])).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Get("/_blazor")).StatusCode);
    }

    [Fact]
    public async Task WhoeverProvesAKeySeesThePagesAndMayUploadFromThem()
    {
        using var browser = new Visit(service);
        using var answer = await browser.SignIn(KeysService.FirstId, KeysService.FirstSecret, "/models");
        Assert.Equal("/models", answer.Headers.Location!.ToString());
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("mlservice-session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=strict", cookie, StringComparison.Ordinal);

        using var page = await browser.Get("/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains(KeysService.FirstId, await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var head = await browser.Send(HttpMethod.Head, "/");
        Assert.Equal((HttpStatusCode.OK, "text/html"), (head.StatusCode, head.Content.Headers.ContentType?.MediaType));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        using var upload = await browser.Send(HttpMethod.Put, "/v1/objects/uploads/a.csv", ("Origin", browser.Origin), ("Sec-Fetch-Site", "same-origin"));
        Assert.Equal(HttpStatusCode.Created, upload.StatusCode);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Origin", "null")]
    public async Task TheCookieIsNoKeyForPagesElsewhere(string header, string value)
    {
        using var browser = new Visit(service);
        using var signedIn = await browser.SignIn(KeysService.FirstId, KeysService.FirstSecret);
        using var change = await browser.Send(HttpMethod.Delete, "/v1/models/nothing", (header, value));
        Assert.Equal(HttpStatusCode.Unauthorized, change.StatusCode);
        using var unsaid = await browser.Send(HttpMethod.Delete, "/v1/models/nothing");
        Assert.Equal(HttpStatusCode.Unauthorized, unsaid.StatusCode);
    }

    [Fact]
    public async Task ARevokedKeysSessionIsOver()
    {
        var key = await service.CreateKey("read");
        using var browser = new Visit(service);
        using var signedIn = await browser.SignIn(KeysService.IdOf(key), key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        using var before = await browser.Get("/");
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        await service.Send(KeysService.First, "DELETE", $"/v1/keys/{KeysService.IdOf(key)}");
        using var after = await browser.Get("/");
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    [Fact]
    public async Task KeysForProgramsAndWrongSecretsAreRefusedInWords()
    {
        var limited = await service.CreateKey("read", "models/bank-*");
        var predicts = await service.CreateKey("predict");
        foreach (var (id, secret, words) in new[]
        {
            (KeysService.FirstId, "wrong", "no good key"), (KeysService.IdOf(limited), limited[(limited.IndexOf(':', StringComparison.Ordinal) + 1)..], "limited"),
            (KeysService.IdOf(predicts), predicts[(predicts.IndexOf(':', StringComparison.Ordinal) + 1)..], "only ask for predictions"),
        })
        {
            using var browser = new Visit(service);
            using var answer = await browser.SignIn(id, secret);
            Assert.Contains(words, Uri.UnescapeDataString(answer.Headers.Location!.ToString()), StringComparison.Ordinal);
            using var page = await browser.Get("/");
            Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        }
    }

    [Fact]
    public async Task SigningInTakesTheTokenOfThePageAndLeadsToNoOtherHost()
    {
        using var browser = new Visit(service);
        using var forged = await browser.Post("/sign-in", new() { ["id"] = KeysService.FirstId, ["secret"] = KeysService.FirstSecret });
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        foreach (var page in new[] { "//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example" })
        {
            using var answer = await browser.SignIn(KeysService.FirstId, KeysService.FirstSecret, page);
            Assert.Equal("/", answer.Headers.Location!.ToString());
        }
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();

    /// <summary>A browser without scripts: it keeps cookies and fills in forms.</summary>
    private sealed partial class Visit(KeysService service) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() })
        {
            BaseAddress = service.Http.BaseAddress,
        };

        public string Origin => _http.BaseAddress!.GetLeftPart(UriPartial.Authority);

        public Task<HttpResponseMessage> Get(string path) => _http.GetAsync(path, TestContext.Current.CancellationToken);

        public Task<HttpResponseMessage> Post(string path, Dictionary<string, string> form) =>
            _http.PostAsync(path, new FormUrlEncodedContent(form), TestContext.Current.CancellationToken);

        public async Task<HttpResponseMessage> Send(HttpMethod method, string path, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(method, path);
            if (method == HttpMethod.Put)
                request.Content = new StringContent("a\n1\n");
            foreach (var (name, value) in headers)
                request.Headers.Add(name, value);
            return await _http.SendAsync(request, TestContext.Current.CancellationToken);
        }

        public async Task<HttpResponseMessage> SignIn(string id, string secret, string page = "/")
        {
            using var form = await Get("/sign-in");
            var token = Token().Match(await form.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.True(token.Success, "The page has no antiforgery token.");
            return await Post("/sign-in", new()
            {
                ["__RequestVerificationToken"] = WebUtility.HtmlDecode(token.Groups[1].Value), ["id"] = id, ["secret"] = secret, ["page"] = page,
            });
        }

        public void Dispose() => _http.Dispose();

        [GeneratedRegex("__RequestVerificationToken\" value=\"([^\"]+)\"")]
        private static partial Regex Token();
    }
}
