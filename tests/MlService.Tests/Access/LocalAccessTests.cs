using System.Net;
using System.Text;
using MlService.Access;
using MlService.Learning;
using MlService.Tests.Problems;

namespace MlService.Tests.Access;

public sealed class LocalAccessTests(LocalAccessTests.App fixture) : IClassFixture<LocalAccessTests.App>
{
    private readonly LoopbackApp _app = fixture.Value;

    public sealed class App : IAsyncLifetime
    {
        private int _changes;

        internal LoopbackApp Value { get; private set; } = null!;

        /// <summary>How often a call that changes something got through.</summary>
        internal int Changes => _changes;

        public async ValueTask InitializeAsync() => Value = await LoopbackApp.Start(app =>
        {
            app.MapGet("/read", () => "read");
            app.MapMethods("/change", ["POST", "PUT", "PATCH", "DELETE"], () => Interlocked.Increment(ref _changes));
        });

        public ValueTask DisposeAsync() => Value.DisposeAsync();
    }

    private string Own => $"http://127.0.0.1:{_app.Address.Port}";

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:5080")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:99")]
    [InlineData("127.255.3.4:5080")]
    [InlineData("[::1]")]
    [InlineData("[::1]:5080")]
    public async Task ALoopbackHostIsAnswered(string host) => await Answered(HttpMethod.Get, "/read", ("Host", host));

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:5080")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("x.localhost")]
    [InlineData("localhost.")]
    [InlineData("127.0.0.1.")]
    [InlineData("127.1")]
    [InlineData("0x7f000001")]
    [InlineData("2130706433")]
    [InlineData("127.0.0.01")]
    [InlineData("0.0.0.0")]
    [InlineData("[::2]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("192.168.0.2")]
    [InlineData("128.0.0.1")]
    public async Task AnyOtherHostIsRefusedForReadsTooAsAfterDnsRebinding(string host) =>
        await Refused(HttpMethod.Get, "/read", null, ("Host", host));

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("https://127.0.0.1:{port}")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://localhost:{port}")]
    [InlineData("http://127.0.0.1:{port}.evil.example")]
    [InlineData("http://127.0.0.1:{port}@evil.example")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("file://")]
    [InlineData("chrome-extension://abcdef")]
    public async Task AnotherOriginIsRefusedWhateverItAsks(string origin)
    {
        origin = origin.Replace("{port}", $"{_app.Address.Port}", StringComparison.Ordinal);
        await Refused(HttpMethod.Get, "/read", null, ("Origin", origin));
        await Refused(HttpMethod.Post, "/change", Json(), ("Origin", origin));
        await Refused(HttpMethod.Options, "/change", null, ("Origin", origin), ("Access-Control-Request-Method", "DELETE"));
    }

    [Fact]
    public async Task ItsOwnOriginMayDoEverything()
    {
        await Answered(HttpMethod.Get, "/read", ("Origin", Own), ("Sec-Fetch-Site", "same-origin"));
        await Answered(HttpMethod.Post, "/change", ("Origin", Own), ("Sec-Fetch-Site", "same-origin"));
        using var form = await _app.Send(HttpMethod.Post, "/change", new FormUrlEncodedContent([]), ("Origin", Own));
        Assert.Equal(HttpStatusCode.OK, form.StatusCode);
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData("anything-new")]
    public async Task WhatAPageElsewhereMakesTheBrowserSendIsRefused(string site)
    {
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete })
            await Refused(method, "/change", null, ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "no-cors"));
        await Refused(HttpMethod.Post, "/change", new FormUrlEncodedContent([]),
            ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"));
        await Refused(HttpMethod.Get, "/read", null, ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image"));
        await Refused(HttpMethod.Get, "/read", null, ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe"));
    }

    [Fact]
    public async Task AFollowedLinkMayOpenAPage() =>
        await Answered(HttpMethod.Get, "/read", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"));

    [Theory]
    [InlineData("text/plain")]
    [InlineData("TEXT/PLAIN; charset=utf-8")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("text/plain;,application/json")]
    [InlineData("no type at all")]
    public async Task AFormOfABrowserThatTellsNothingIsRefused(string contentType)
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        Assert.True(content.Headers.TryAddWithoutValidation("Content-Type", contentType));
        await Refused(HttpMethod.Post, "/change", content);
    }

    [Fact]
    public async Task AForeignRefererIsRefusedForChanges()
    {
        await Refused(HttpMethod.Post, "/change", null, ("Referer", "http://evil.example/page"));
        await Answered(HttpMethod.Post, "/change", ("Referer", Own + "/swagger"));
        await Answered(HttpMethod.Get, "/read", ("Referer", "http://evil.example/page"));
    }

    [Fact]
    public async Task ProgramsOnTheMachineMayDoEverything()
    {
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete })
            await Answered(method, "/change");
        using var json = await _app.Send(HttpMethod.Post, "/change", Json());
        Assert.Equal(HttpStatusCode.OK, json.StatusCode);
    }

    [Fact]
    public async Task AnswersAreClosedToOtherOrigins()
    {
        using var response = await _app.Send(HttpMethod.Get, "/read", null, ("Origin", Own));
        Assert.Equal("same-origin", response.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.Equal("SAMEORIGIN", response.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        using var missing = await _app.Send(HttpMethod.Get, "/missing");
        Assert.Equal("nosniff", missing.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://127.9.9.9:80", true)]
    [InlineData("https://localhost:5443", true)]
    [InlineData("http://[::1]:5080", true)]
    [InlineData("http://unix:/run/ml.sock", true)]
    [InlineData("http://*:5080", false)]
    [InlineData("http://+:5080", false)]
    [InlineData("http://0.0.0.0:5080", false)]
    [InlineData("http://[::]:5080", false)]
    [InlineData("http://192.168.1.5:5080", false)]
    [InlineData("http://ml.example:5080", false)]
    [InlineData("http://localhost.example:5080", false)]
    [InlineData("nonsense", false)]
    [InlineData("", false)]
    public void AnAddressToListenOnIsLoopbackOrNot(string url, bool isLoopback) =>
        Assert.Equal(isLoopback, LoopbackOnly.IsLoopbackUrl(url));

    [Theory]
    [InlineData("urls", "http://127.0.0.1:1;http://0.0.0.0:2", "http://0.0.0.0:2")]
    [InlineData("http_ports", "8080", "http://*:8080")]
    [InlineData("https_ports", "8443", "https://*:8443")]
    [InlineData("Kestrel:Endpoints:Web:Url", "http://*:80", "Kestrel:Endpoints:Web:Url")]
    [InlineData("Access:Mode", "Open", "Access:Mode")]
    public void TheServiceRefusesToStartWhereOthersCouldCall(string setting, string value, string named)
    {
        var error = Assert.Throws<InvalidInputException>(() => Build((setting, value)).UseAccess());
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://+:0", "http://+:0")]
    [InlineData("DOTNET_URLS", "http://127.0.0.1:0;https://*:0", "https://*:0")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8080", "http://*:8080")]
    [InlineData("Kestrel__Endpoints__Web__Url", "https://0.0.0.0:0", "https://0.0.0.0:0")]
    public async Task ItRefusesSoAsAProcessWhoseEnvironmentOpensIt(string variable, string value, string named)
    {
        var data = Directory.CreateTempSubdirectory("mlservice-open-");
        var environment = new Dictionary<string, string> { ["Data__Directory"] = data.FullName, [variable] = value };
        var ended = await Assert.ThrowsAsync<InvalidOperationException>(() => ServiceProcess.Start(environment));
        Assert.Contains($"MlService cannot start: '{named}'", ended.Message, StringComparison.Ordinal);
        data.Delete(recursive: true);
    }

    [Fact]
    public void WithoutAnAddressTheServiceListensOnLoopback()
    {
        var app = Build();
        app.UseAccess();
        Assert.Equal([LoopbackOnly.DefaultUrl], app.Urls);
        var configured = Build(("urls", "http://localhost:7000"));
        configured.UseAccess();
        Assert.DoesNotContain(LoopbackOnly.DefaultUrl, configured.Urls);
    }

    [Fact]
    public async Task AnOpenAddressThatCodeAddsStopsTheService()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(0));
        await using var app = builder.Build();
        app.UseAccess();
        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(app.Lifetime.ApplicationStopping.IsCancellationRequested);
    }

    private static WebApplication Build(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        return builder.Build();
    }

    private static StringContent Json() => new("{}", Encoding.UTF8, "application/json");

    private async Task Answered(HttpMethod method, string path, params (string, string)[] headers)
    {
        using var response = await _app.Send(method, path, null, headers);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task Refused(HttpMethod method, string path, HttpContent? content, params (string, string)[] headers)
    {
        var changes = fixture.Changes;
        using var response = await _app.Send(method, path, content, headers);
        await LoopbackApp.Problem(response, HttpStatusCode.Forbidden);
        Assert.Equal(changes, fixture.Changes);
    }
}
