using System.Net;
using System.Text.Json;
using MlService.Tests.Metadata;

namespace MlService.Tests.Tags;

public class TagApiTests(QuietService service)
{
    [Theory]
    [InlineData("datasources")]
    [InlineData("models")]
    public async Task TagsAreAddedOverwrittenAndRemoved(string collection)
    {
        var path = $"/v1/{collection}/{(collection == "models" ? await service.CreateModel() : await service.CreateDataSource())}/tags";
        Assert.Equal("{}", (await service.Get(path)).Body.ToJsonString());
        await service.Send(HttpMethod.Put, path, """{ "team": "growth", "stage": "test" }""");
        var (status, tags) = await service.Send(HttpMethod.Put, path, """{ "stage": "live", "bare": null }""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["bare", "stage", "team"], tags.AsObject().Select(tag => tag.Key));
        Assert.Equal("live", (string?)tags["stage"]);

        var (_, left) = await service.Send(HttpMethod.Delete, $"{path}?key=team&key=bare&key=unknown");
        Assert.Equal("""{"stage":"live"}""", left.ToJsonString());
        Assert.Equal("""{"stage":"live"}""", (await service.Get(path)).Body.ToJsonString());
    }

    [Fact]
    public async Task FiftyTagsFitAndOneMoreDoesNot()
    {
        var path = $"/v1/datasources/{await service.CreateDataSource()}/tags";
        Assert.Equal(HttpStatusCode.OK, (await service.Send(HttpMethod.Put, path, Tags(0, 50))).Status);
        await service.Refused(HttpMethod.Put, path, Tags(50, 1), HttpStatusCode.BadRequest, "tags");
        Assert.Equal(HttpStatusCode.OK, (await service.Send(HttpMethod.Put, path, Tags(49, 1))).Status);
        Assert.Equal(50, (await service.Get(path)).Body.AsObject().Count);
    }

    [Fact]
    public async Task ManyRequestsAtOnceDoNotPassTheLimitTogether()
    {
        var path = $"/v1/datasources/{await service.CreateDataSource()}/tags";
        await Task.WhenAll(Enumerable.Range(0, 8).Select(part => service.Send(HttpMethod.Put, path, Tags(part * 10, 10))));
        Assert.InRange((await service.Get(path)).Body.AsObject().Count, 10, 50);
    }

    [Theory]
    [InlineData("", "v")]
    [InlineData("aws:team", "v")]
    [InlineData("AWS:team", "v")]
    [InlineData("semi;colon", "v")]
    [InlineData("key", "semi;colon")]
    [InlineData("key", "new\nline")]
    public async Task ATagThatBreaksARuleIsRefused(string key, string value)
    {
        var path = $"/v1/datasources/{await service.CreateDataSource()}/tags";
        var tag = JsonSerializer.Serialize(new Dictionary<string, string> { [key] = value });
        await service.Refused(HttpMethod.Put, path, tag, HttpStatusCode.BadRequest, "tags");
    }

    [Fact]
    public async Task KeysAndValuesMayBeAsLongAsAmazonsAndNoLonger()
    {
        var path = $"/v1/datasources/{await service.CreateDataSource()}/tags";
        var (key, value) = (new string('ä', 128), new string('v', 256));
        Assert.Equal(HttpStatusCode.OK, (await service.Send(HttpMethod.Put, path, $$"""{ "{{key}}": "{{value}}" }""")).Status);
        await service.Refused(HttpMethod.Put, path, $$"""{ "{{key}}x": "v" }""", HttpStatusCode.BadRequest, "tags");
        await service.Refused(HttpMethod.Put, path, $$"""{ "k": "{{value}}v" }""", HttpStatusCode.BadRequest, "tags");
    }

    [Fact]
    public async Task TagsOfADeletedResourceCanBeReadButNotChanged()
    {
        var id = await service.CreateDataSource();
        var path = $"/v1/datasources/{id}/tags";
        await service.Send(HttpMethod.Put, path, """{ "team": "growth" }""");
        await service.Send(HttpMethod.Delete, $"/v1/datasources/{id}");
        await service.Refused(HttpMethod.Put, path, """{ "team": "x" }""", HttpStatusCode.Conflict, null);
        await service.Refused(HttpMethod.Delete, $"{path}?key=team", null, HttpStatusCode.Conflict, null);
        Assert.Equal("growth", (string?)(await service.Get(path)).Body["team"]);
    }

    [Fact]
    public async Task RemovingWithoutAKeyIsRefused()
    {
        var path = $"/v1/datasources/{await service.CreateDataSource()}/tags";
        await service.Refused(HttpMethod.Delete, path, null, HttpStatusCode.BadRequest, "key");
    }

    private static string Tags(int first, int count) =>
        JsonSerializer.Serialize(Enumerable.Range(first, count).ToDictionary(number => $"tag-{number}", number => "v"));
}

[Collection<PostgreSqlQuietTests>]
public sealed class PostgreSqlTagApiTests(PostgreSqlQuietService service) : TagApiTests(service);
