using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using MlService.Tests.Metadata;

namespace MlService.Tests.OpenApi;

public partial class OpenApiDocumentTests(QuietService service)
{
    [Fact]
    public async Task TheDocumentIsValidOpenApi()
    {
        var text = await service.Http.GetStringAsync("/swagger/v1/swagger.json", TestContext.Current.CancellationToken);
        var result = OpenApiDocument.Parse(text, "json");
        Assert.Empty(result.Diagnostic!.Errors);
        Assert.Empty(result.Document!.Validate(ValidationRuleSet.GetDefaultRuleSet()));
    }

    [Fact]
    public async Task EveryMappedCallIsDescribedWithASummaryATagAndAnExampleOfItsBody()
    {
        var paths = (await service.Get("/swagger/v1/swagger.json")).Body["paths"]!.AsObject();
        var mapped = service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal))
            .Where(endpoint => endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not { ExcludeFromDescription: true })
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods,
                (endpoint, method) => (Path: Decoration().Replace(endpoint.RoutePattern.RawText!.TrimEnd('/'), ""), Method: method.ToLowerInvariant()))
            .ToList();
        Assert.True(mapped.Count > 40, $"Only {mapped.Count} calls are mapped.");
        Assert.All(mapped, call =>
        {
            var operation = paths[call.Path]?[call.Method];
            Assert.True(operation is not null, $"{call.Method} {call.Path} is missing.");
            Assert.False(string.IsNullOrWhiteSpace((string?)operation["summary"]), $"{call.Method} {call.Path} has no summary.");
            Assert.NotEmpty(operation["tags"]!.AsArray());
            Assert.NotNull(operation["responses"]!["default"]!["content"]!["application/problem+json"]);
            if (operation["requestBody"] is { } body)
                Assert.True(body["content"]!.AsObject().All(content => content.Key != "application/json" || content.Value!["example"] is not null), $"{call.Method} {call.Path} has no example.");
        });
    }

    [Theory]
    [InlineData("datasources")]
    [InlineData("models")]
    [InlineData("evaluations")]
    [InlineData("batch-predictions")]
    public async Task TheExampleOfACreateIsTakenByTheService(string collection)
    {
        var document = (await service.Get("/swagger/v1/swagger.json")).Body;
        var example = document["paths"]![$"/v1/{collection}"]!["post"]!["requestBody"]!["content"]!["application/json"]!["example"]!.DeepClone();
        example["id"] = QuietService.NewId("ex");
        if (example["trainingDatasourceId"] is not null)
            example["trainingDatasourceId"] = await service.CreateDataSource();
        if (example["modelId"] is not null)
            (example["modelId"], example["datasourceId"]) = (await service.CreateModel(), await service.CreateDataSource());
        var created = await service.Create(collection, example.ToJsonString());
        Assert.All(example.AsObject().Where(member => member.Value is JsonValue),
            member => Assert.Equal(member.Value!.ToJsonString(), created[member.Key]?.ToJsonString()));
    }

    [Fact]
    public async Task StatusesAreListedByTheNamesThatTheServiceSends()
    {
        var schemas = (await service.Get("/swagger/v1/swagger.json")).Body["components"]!["schemas"]!;
        Assert.Equal(["PENDING", "INPROGRESS", "COMPLETED", "FAILED", "DELETED"],
            schemas["ResourceStatus"]!["enum"]!.AsArray().Select(name => (string?)name));
    }

    [Fact]
    public async Task ParametersAreSpelledAsTheServiceSpellsThem()
    {
        var paths = (await service.Get("/swagger/v1/swagger.json")).Body["paths"]!.AsObject();
        var names = paths.SelectMany(path => path.Value!.AsObject()).SelectMany(call => call.Value!["parameters"]?.AsArray() ?? [])
            .Select(parameter => (string)parameter!["name"]!).ToList();
        Assert.Contains("topShare", names);
        Assert.Contains("class", names);
        Assert.All(names, name => Assert.True(char.IsLower(name[0]), name));
    }

    [Fact]
    public async Task ChaptersComeInTheOrderOfTheWork()
    {
        var chapters = (await service.Get("/swagger/v1/swagger.json")).Body["tags"]!.AsArray().Select(tag => (string?)tag!["name"]);
        Assert.Equal(["Objects", "Schemas", "Train", "Datasources", "Models", "Evaluations", "Batch predictions", "Events"], chapters);
    }

    [Fact]
    public async Task ThePageForPeopleIsThere()
    {
        using var response = await service.Http.GetAsync("/swagger/index.html", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("MlService REST API", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    // {id:length(1,64)} and {**key} are {id} and {key} in the document.
    [GeneratedRegex(@"(?<=\{)\*+|:[^}/]+(?=\})")]
    private static partial Regex Decoration();
}
