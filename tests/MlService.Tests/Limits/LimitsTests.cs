using System.Net;
using System.Net.Sockets;
using System.Text;
using MlService.Learning;
using MlService.Limits;
using MlService.Problems;
using MlService.Storage;
using MlService.Tests.Problems;

namespace MlService.Tests.Limits;

public sealed class LimitsTests(LimitsTests.App app) : IClassFixture<LimitsTests.App>
{
    /// <summary>The edge of the service with small limits.</summary>
    public sealed class App : IAsyncLifetime
    {
        private readonly DataDirectory _data = DataDirectory.Open(Directory.CreateTempSubdirectory("limits-").FullName);
        private WebApplication _app = null!;

        public HttpClient Http { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _app = Build(_data, "--Limits:MaxBodyBytes=1000", "--Limits:MaxHeaderBytes=1000", "--Limits:RequestSeconds=0.3", "--Limits:HeaderSeconds=0.5");
            _app.MapPost("/body", (Dictionary<string, string> body) => body.Count);
            _app.MapGet("/slow", async (CancellationToken cancellation) => await Task.Delay(Timeout.Infinite, cancellation));
            _app.MapGet("/streamed", async (CancellationToken cancellation) => await Task.Delay(700, cancellation)).WithoutTimeLimit();
            await _app.StartAsync();
            Http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await _app.DisposeAsync();
            _data.Dispose();
            Directory.Delete(_data.Root, recursive: true);
        }
    }

    [Fact]
    public async Task ABodyMayBeAsLargeAsTheLimitAndNoLarger()
    {
        using var most = await Post(1000);
        Assert.Equal(HttpStatusCode.OK, most.StatusCode);
        using var more = await Post(1001);
        var problem = await LoopbackApp.Problem(more, HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("Limits:MaxBodyBytes", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        Task<HttpResponseMessage> Post(int bytes)
        {
            var body = $$"""{"a":"{{new string('x', bytes - 8)}}"}""";
            return app.Http.PostAsync("/body", new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task HeadersMayBeAsLargeAsTheLimitAndNoLarger()
    {
        var others = $"Host: {app.Http.BaseAddress!.Authority}\r\nX-Large: \r\n".Length;
        using var most = await Send(1000 - others);
        Assert.Equal(HttpStatusCode.NotFound, most.StatusCode);
        using var more = await Send(1001 - others);
        var problem = await LoopbackApp.Problem(more, HttpStatusCode.RequestHeaderFieldsTooLarge);
        Assert.Contains("1001 bytes", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("Limits:MaxHeaderBytes", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        using var unread = await Send(2001 - others);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, unread.StatusCode);

        Task<HttpResponseMessage> Send(int bytes)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/none") { Headers = { { "X-Large", new string('x', bytes) } } };
            return app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task AnAddressMayHave8KiBAndNoMore()
    {
        using var most = await app.Http.GetAsync($"/{new string('a', 8191)}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, most.StatusCode);
        using var more = await app.Http.GetAsync($"/{new string('a', 8192)}", TestContext.Current.CancellationToken);
        var problem = await LoopbackApp.Problem(more, HttpStatusCode.RequestUriTooLong);
        Assert.Contains("8193 bytes", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUploadMayBeLarger()
    {
        using var content = new ByteArrayContent(new byte[100_000]);
        using var response = await app.Http.PutAsync("/v1/objects/bucket/large", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    public async Task ACallThatTakesTooLongIsStoppedAndToldTheLimit()
    {
        using var response = await app.Http.GetAsync("/slow", TestContext.Current.CancellationToken);
        var problem = await LoopbackApp.Problem(response, HttpStatusCode.GatewayTimeout);
        Assert.Contains("Limits:RequestSeconds", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatStreamsMayTakeLonger()
    {
        using var response = await app.Http.GetAsync("/streamed", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task AClientThatDoesNotFinishItsHeadersIsCutOff()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(app.Http.BaseAddress!.Host, app.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("GET /slow HTTP/1.1\r\nHost: localhost\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MaxBodyBytes")]
    [InlineData("MaxHeaderBytes")]
    [InlineData("MaxHeaderBytes", 2_000_000)]
    [InlineData("HeaderSeconds")]
    [InlineData("KeepAliveSeconds")]
    public async Task ALimitThatCannotBeIsRefusedAtStart(string name, int value = 0)
    {
        var data = DataDirectory.Open(Directory.CreateTempSubdirectory("limits-").FullName);
        var error = await Assert.ThrowsAsync<InvalidInputException>(async () =>
        {
            await using var wrong = Build(data, $"--Limits:{name}={value}");
            await wrong.StartAsync(TestContext.Current.CancellationToken);
        });
        Assert.Contains($"Limits:{name}", error.Message, StringComparison.Ordinal);
        data.Dispose();
        Directory.Delete(data.Root, recursive: true);
    }

    private static WebApplication Build(DataDirectory data, params string[] settings)
    {
        var builder = WebApplication.CreateBuilder([.. settings, "--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Services.AddProblems().AddLimits().AddStorage(builder.Configuration, data);
        var app = builder.Build();
        app.UseProblems();
        app.UseLimits();
        app.MapObjects();
        return app;
    }
}
