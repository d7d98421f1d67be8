using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using MlService.Access;

namespace MlService.Tests.Access;

public sealed class AuditTests(KeysService service) : IClassFixture<KeysService>
{
    [Fact]
    public async Task EveryChangeIsNotedWithWhoWhatWhenAndOutcome()
    {
        var key = await service.CreateKey("admin");
        var before = DateTime.UtcNow;
        await service.Status(key, "PUT", "/v1/objects/audit-bucket/a.csv", "x\n1\n");
        await service.Status(key, "POST", "/v1/datasources", """{ "id": "audited", "dataLocation": "s3://audit-bucket/a.csv" }""");
        await service.Status(key, "PATCH", "/v1/datasources/audited", """{ "name": "Audited" }""");
        await service.Status(key, "POST", "/v1/datasources", """{ "id": "refused" }""");
        await service.Status(key, "DELETE", "/v1/models/missing");
        Assert.Equal(
        [
            "DELETE /v1/models/missing -> /v1/models/missing 404",
            "POST /v1/datasources -> /v1/datasources 400",
            "PATCH /v1/datasources/audited -> /v1/datasources/audited 200",
            "POST /v1/datasources -> /v1/datasources/audited 202",
            "PUT /v1/objects/audit-bucket/a.csv -> /v1/objects/audit-bucket/a.csv 201",
        ], (await Entries(key)).Select(entry => $"{entry["action"]} -> {entry["target"]} {entry["status"]}"));
        Assert.All(await Entries(key), entry => Assert.InRange((DateTime)entry["at"]!, before.AddSeconds(-1), DateTime.UtcNow.AddSeconds(1)));
    }

    [Fact]
    public async Task ReadingAndPredictingAreNoChangesAndARefusedCallMakesNone()
    {
        var (reader, predictor) = (await service.CreateKey("read"), await service.CreateKey("predict"));
        await service.Status(reader, "GET", "/v1/models");
        await service.Status(reader, "POST", "/v1/schemas/infer", """{ "dataLocation": "s3://audit-bucket/none.csv" }""");
        await service.Status(predictor, "POST", "/realtime/none", "{}");
        Assert.Equal(HttpStatusCode.Forbidden, await service.Status(reader, "DELETE", "/v1/models/any"));
        Assert.Empty(await Entries(reader));
        Assert.Empty(await Entries(predictor));
    }

    [Fact]
    public async Task TheLogIsReadAPageAtATime()
    {
        var key = await service.CreateKey("admin");
        for (var i = 0; i < 5; i++)
            await service.Status(key, "DELETE", $"/v1/models/m{i}");
        List<string> targets = [];
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await service.Body(key, "GET", $"/v1/audit?who={KeysService.IdOf(key)}&limit=2{(cursor.Length == 0 ? "" : $"&cursor={cursor}")}");
            Assert.InRange(page["items"]!.AsArray().Count, 1, 2);
            targets.AddRange(page["items"]!.AsArray().Select(item => (string)item!["target"]!));
            cursor = (string?)page["nextCursor"];
        }
        Assert.Equal(["/v1/models/m4", "/v1/models/m3", "/v1/models/m2", "/v1/models/m1", "/v1/models/m0"], targets);
        Assert.Equal(HttpStatusCode.BadRequest, await service.Status(key, "GET", "/v1/audit?cursor=x"));
        Assert.Equal(HttpStatusCode.BadRequest, await service.Status(key, "GET", "/v1/audit?limit=0"));
    }

    [Fact]
    public async Task TheFirstKeyIsNotedToo()
    {
        var page = await service.Body(KeysService.First, "GET", "/v1/audit?who=configuration");
        Assert.Equal($"/v1/keys/{KeysService.FirstId}", (string?)page["items"]![0]!["target"]);
    }

    [Fact]
    public async Task EntriesOlderThanTheirTimeAreRemoved()
    {
        await using var store = await KeyStore.Create();
        var log = new AuditLog(store.Contexts, Options.Create(new AccessOptions { AuditDays = 30 }), store.Time);
        await log.Note("old", "was", "there", TestContext.Current.CancellationToken);
        store.Time.Advance(TimeSpan.FromDays(29));
        await log.Note("young", "is", "there", TestContext.Current.CancellationToken);
        store.Time.Advance(TimeSpan.FromDays(2));
        await log.Note("new", "is", "there", TestContext.Current.CancellationToken);
        var left = await log.List(null, 100, null, TestContext.Current.CancellationToken);
        Assert.Equal(["new", "young"], left.Items.Select(entry => entry.Who));
    }

    private async Task<IReadOnlyList<JsonNode>> Entries(string key) =>
        [.. (await service.Body(KeysService.First, "GET", $"/v1/audit?who={KeysService.IdOf(key)}"))["items"]!.AsArray().Select(item => item!)];
}
