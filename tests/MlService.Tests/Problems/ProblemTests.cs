using System.Net;
using System.Text;
using System.Text.Json;
using MlService.Learning;
using MlService.Problems;

namespace MlService.Tests.Problems;

public sealed class ProblemTests(ProblemTests.App fixture) : IClassFixture<ProblemTests.App>
{
    private readonly LoopbackApp _app = fixture.Value;

    public sealed record Parameters(double? Rate, int? Passes);

    public sealed record Order(string Id, Parameters? Parameters, string[]? Tags, bool? Fast, DayOfWeek? Day);

    public sealed class App : IAsyncLifetime
    {
        internal LoopbackApp Value { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Value = await LoopbackApp.Start(app =>
        {
            app.MapPost("/orders", (Order order) => order);
            app.MapGet("/orders", (int limit) => limit);
            app.MapGet("/bad-data", string () => throw new InvalidInputException("Column 'age' in line 3 is 'x'; give a number."));
            app.MapGet("/conflict", string () =>
                throw new ProblemException(ProblemKind.Conflict, "The id 'm' is taken. Choose another.", "id", 7));
            app.MapGet("/bug", string () => throw new InvalidOperationException("secret internals"));
            app.MapGet("/half", async (HttpContext context) =>
            {
                await context.Response.WriteAsync("the first half");
                await context.Response.Body.FlushAsync();
                throw new InvalidOperationException("broke in the middle");
            });
        });

        public ValueTask DisposeAsync() => Value.DisposeAsync();
    }

    [Fact]
    public async Task AGoodRequestPasses()
    {
        using var response = await Post("""{"id":"a","parameters":{"rate":0.5,"passes":3},"tags":["x"],"fast":true,"day":1}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"id":"a","parameters":{"rate":0.5,"passes":3},"tags":["x"],"fast":true,"day":1}""",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("""{"id":"a","colour":1}""", "colour", 1, "'colour'", "id, parameters, tags, fast, day")]
    [InlineData("{\"id\":\"a\",\n\"parameters\":{\n\"rat\":1}}", "parameters.rat", 3, "'rat' in 'parameters'", "rate, passes")]
    [InlineData("""{"id":"a","parameters":{"passes":1.5}}""", "parameters.passes", 1, "'parameters.passes'", "a whole number")]
    [InlineData("""{"id":"a","parameters":{"rate":1e999}}""", "parameters.rate", 1, "'parameters.rate'", "a number")]
    [InlineData("""{"id":"a","parameters":{"passes":3000000000}}""", "parameters.passes", 1, "'parameters.passes'", "a whole number")]
    [InlineData("""{"id":"a","parameters":{"rate":"1"}}""", "parameters.rate", 1, "'parameters.rate'", "a number")]
    [InlineData("""{"id":1}""", "id", 1, "'id'", "text in double quotes")]
    [InlineData("""{"id":"a","tags":["x",2]}""", "tags[1]", 1, "'tags[1]'", "text in double quotes")]
    [InlineData("""{"id":"a","tags":"x"}""", "tags", 1, "'tags'", "an array")]
    [InlineData("""{"id":"a","fast":"yes"}""", "fast", 1, "'fast'", "true or false")]
    [InlineData("""{"id":"a","id":"b"}""", "id", 1, "twice", "id")]
    [InlineData("""{"Id":"a"}""", "Id", 1, "'Id'", "id, parameters")]
    [InlineData("""{"id":"a","od.d":1}""", "['od.d']", 1, "'od.d'", "id, parameters")]
    public async Task AFieldThatDoesNotFitIsNamedWithWhatWouldFit(string json, string field, int line, string named, string remedy)
    {
        using var response = await Post(json);
        var problem = await LoopbackApp.Problem(response, HttpStatusCode.BadRequest);
        Assert.Equal("/problems/invalid-input", problem.GetProperty("type").GetString());
        Assert.Equal(field, problem.GetProperty("field").GetString());
        Assert.Equal(line, problem.GetProperty("line").GetInt32());
        Assert.Contains(named, Detail(problem), StringComparison.Ordinal);
        Assert.Contains(remedy, Detail(problem), StringComparison.Ordinal);
        Assert.DoesNotContain("System.", Detail(problem), StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(ProblemTests), Detail(problem), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n\"id\": oops}", "line 2, byte 7")]
    [InlineData("", "JSON")]
    [InlineData("null", "JSON")]
    [InlineData("[]", "object with the fields id")]
    [InlineData("{}", "lacks 'id'")]
    [InlineData("""{"id":null}""", "'id' must be text")]
    [InlineData("{\"id\":\"a\"} trailing", "line 1")]
    public async Task ABodyThatIsNotTheExpectedJsonIsExplained(string json, string named)
    {
        using var response = await Post(json);
        Assert.Contains(named, Detail(await LoopbackApp.Problem(response, HttpStatusCode.BadRequest)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeepNestingIsRefused()
    {
        using var response = await Post(string.Concat(Enumerable.Repeat("{\"parameters\":", 5000)));
        await LoopbackApp.Problem(response, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task ABodyOfAnotherTypeIsTold()
    {
        using var response = await _app.Send(HttpMethod.Post, "/orders", new StringContent("<id>a</id>", Encoding.UTF8, "application/xml"));
        Assert.Contains("application/json", Detail(await LoopbackApp.Problem(response, HttpStatusCode.UnsupportedMediaType)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AQueryParameterThatDoesNotFitIsNamed()
    {
        using var wrong = await _app.Send(HttpMethod.Get, "/orders?limit=many");
        var problem = await LoopbackApp.Problem(wrong, HttpStatusCode.BadRequest);
        Assert.Equal("limit", problem.GetProperty("field").GetString());
        Assert.Equal("'limit' cannot be 'many'. Give it as a whole number.", Detail(problem));
        using var missing = await _app.Send(HttpMethod.Get, "/orders");
        Assert.Equal("limit", (await LoopbackApp.Problem(missing, HttpStatusCode.BadRequest)).GetProperty("field").GetString());
    }

    [Fact]
    public async Task BadDataIsToldAsItStands()
    {
        using var response = await _app.Send(HttpMethod.Get, "/bad-data");
        Assert.Equal("Column 'age' in line 3 is 'x'; give a number.", Detail(await LoopbackApp.Problem(response, HttpStatusCode.BadRequest)));
    }

    [Fact]
    public async Task AProblemKeepsItsKindFieldAndLine()
    {
        using var response = await _app.Send(HttpMethod.Get, "/conflict");
        var problem = await LoopbackApp.Problem(response, HttpStatusCode.Conflict);
        Assert.Equal("/problems/conflict", problem.GetProperty("type").GetString());
        Assert.Equal("id", problem.GetProperty("field").GetString());
        Assert.Equal(7, problem.GetProperty("line").GetInt32());
        Assert.False(problem.TryGetProperty("errorId", out _));
    }

    [Fact]
    public async Task ABugShowsOnlyAnIdThatTheLogExplains()
    {
        using var response = await _app.Send(HttpMethod.Get, "/bug");
        var problem = await LoopbackApp.Problem(response, HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
        var line = Assert.Single(_app.Log, line => line.Contains(problem.GetProperty("errorId").GetString()!, StringComparison.Ordinal));
        Assert.Contains("secret internals", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnErrorInTheMiddleOfAnAnswerCutsTheConnection() =>
        await Assert.ThrowsAsync<HttpRequestException>(() => _app.Client.GetStringAsync("/half", TestContext.Current.CancellationToken));

    [Fact]
    public async Task UnknownPathsAndWrongMethodsAreProblemsToo()
    {
        using var unknown = await _app.Send(HttpMethod.Get, "/v1/nothing");
        Assert.Contains("/v1/nothing", Detail(await LoopbackApp.Problem(unknown, HttpStatusCode.NotFound)), StringComparison.Ordinal);
        using var wrong = await _app.Send(HttpMethod.Delete, "/orders");
        var problem = await LoopbackApp.Problem(wrong, HttpStatusCode.MethodNotAllowed);
        Assert.Contains("DELETE", Detail(problem), StringComparison.Ordinal);
        Assert.Equal(["GET", "POST"], wrong.Content.Headers.Allow.Order());
    }

    private static string Detail(JsonElement problem) => problem.GetProperty("detail").GetString()!;

    private Task<HttpResponseMessage> Post(string json) =>
        _app.Send(HttpMethod.Post, "/orders", new StringContent(json, Encoding.UTF8, "application/json"));
}
