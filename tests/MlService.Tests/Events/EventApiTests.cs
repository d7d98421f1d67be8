using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using MlService.DataSources;
using MlService.Metadata;
using MlService.Tests.Metadata;

namespace MlService.Tests.Events;

public class EventApiTests(QuietService service)
{
    [Fact]
    public async Task AListenerOfOneResourceHearsItsStateFirstAndThenEachChange()
    {
        var id = await service.CreateDataSource();
        await using var events = await Listen($"?kind=datasources&id={id}");
        Assert.Equal("PENDING", await Status(events));

        await service.Change<DataSource>(id, row => (row.Status, row.Progress.Percent) = (ResourceStatus.InProgress, 40));
        Assert.Equal("INPROGRESS", await Status(events));
        Assert.Equal(40, (double?)events.Current["resource"]!["progress"]!["percent"]);
        Assert.Null(events.Current["resource"]!["schema"]);

        await service.Send(HttpMethod.Delete, $"/v1/datasources/{id}");
        Assert.Equal("DELETED", await Status(events));
    }

    [Fact]
    public async Task AListenerOfAllHearsOfWhatIsCreatedAfterwards()
    {
        await using var events = await Listen("?kind=models");
        var id = await service.CreateModel();
        do
            Assert.True(await events.MoveNextAsync());
        while ((string?)events.Current["resource"]!["id"] != id);
        Assert.Equal("models", (string?)events.Current["kind"]);
    }

    [Fact]
    public async Task EveryListenerHearsTheSame()
    {
        var id = await service.CreateDataSource();
        await using var first = await Listen($"?id={id}");
        await using var second = await Listen($"?id={id}");
        Assert.Equal(("PENDING", "PENDING"), (await Status(first), await Status(second)));
        await service.Change<DataSource>(id, row => row.Status = ResourceStatus.Failed);
        Assert.Equal(("FAILED", "FAILED"), (await Status(first), await Status(second)));
    }

    [Theory]
    [InlineData("?kind=cars", HttpStatusCode.BadRequest, "kind")]
    [InlineData("?id=nope", HttpStatusCode.NotFound, "id")]
    [InlineData("?kind=models&id=nope", HttpStatusCode.NotFound, "id")]
    public async Task WhatCannotBeListenedToIsRefused(string query, HttpStatusCode status, string field) =>
        await service.Refused(HttpMethod.Get, $"/v1/events{query}", null, status, field);

    private async Task<IAsyncEnumerator<JsonNode>> Listen(string query)
    {
        var stop = TestContext.Current.CancellationToken;
        var response = await service.Http.GetAsync($"/v1/events{query}", HttpCompletionOption.ResponseHeadersRead, stop);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return Read(response, await response.Content.ReadAsStreamAsync(stop)).GetAsyncEnumerator(stop);
    }

    private static async IAsyncEnumerable<JsonNode> Read(HttpResponseMessage response, Stream stream)
    {
        using var owned = response;
        await foreach (var item in SseParser.Create(stream).EnumerateAsync())
        {
            Assert.Equal("resource", item.EventType);
            yield return JsonNode.Parse(item.Data)!;
        }
    }

    private static async Task<string?> Status(IAsyncEnumerator<JsonNode> events)
    {
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        return (string?)events.Current["resource"]!["status"];
    }
}

[Collection<PostgreSqlQuietTests>]
public sealed class PostgreSqlEventApiTests(PostgreSqlQuietService service) : EventApiTests(service);
