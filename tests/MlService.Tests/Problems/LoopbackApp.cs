using System.Net;
using System.Text.Json;
using MlService.Access;
using MlService.Problems;
using MlService.Storage;

namespace MlService.Tests.Problems;

/// <summary>The service's edge on a real socket: problems, the guard of local mode, objects, and what a test maps besides.</summary>
internal sealed class LoopbackApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DataDirectory _data;

    private LoopbackApp(WebApplication app, DataDirectory data)
    {
        _app = app;
        _data = data;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    public string Objects => Path.Combine(_data.Root, "objects");

    public IObjectStore Store => _app.Services.GetRequiredService<IObjectStore>();

    public LogLines Log => _app.Services.GetRequiredService<LogLines>();

    public static async Task<LoopbackApp> Start(Action<WebApplication>? map = null)
    {
        var data = DataDirectory.Open(Directory.CreateTempSubdirectory("edge-").FullName);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(log).AddProblems().AddStorage(builder.Configuration, data);
        var app = builder.Build();
        app.UseProblems();
        app.UseAccess();
        app.MapObjects();
        map?.Invoke(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new LoopbackApp(app, data);
    }

    public Task<HttpResponseMessage> Send(
        HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value), name);
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Checks that an answer is a problem of this status, whole by RFC 9457, and gives it.</summary>
    public static async Task<JsonElement> Problem(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.StartsWith("/problems/", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _data.Dispose();
        Directory.Delete(_data.Root, recursive: true);
    }
}
