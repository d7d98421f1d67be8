using Microsoft.Extensions.DependencyInjection;
using MlService.Jobs;

namespace MlService.Tests.Jobs;

/// <summary>Resources that are created on others which are still pending.</summary>
public sealed class DependencyTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Data = "n,y\n1,0\n2,1\n3,0\n4,1\n5,0\n6,1\n7,0\n8,1\n9,1\n10,0\n";

    [Fact]
    public async Task AWholeChainCanBeCreatedAtOnceAndRunsInItsOrder()
    {
        await service.Client.Upload("chain/data.csv", Data);
        await WhileAllSlotsAreTaken(async () =>
        {
            await CreateChain("calm", "s3://chain/data.csv");
            Assert.Equal("PENDING", (string)(await service.Client.Get("/v1/models/calm"))["status"]!);
            Assert.Equal("PENDING", (string)(await service.Client.Get("/v1/evaluations/calm"))["status"]!);
        });

        await service.Client.Completed("/v1/batch-predictions/calm");
        await service.Client.Completed("/v1/evaluations/calm");
        var ended = new List<DateTime>();
        foreach (var collection in new[] { "datasources", "models", "evaluations" })
            ended.Add((DateTime)(await service.Client.Get($"/v1/{collection}/calm"))["finishedAt"]!);
        Assert.Equal(ended.Order(), ended);
    }

    [Fact]
    public async Task WhatDependsOnAFailedResourceFailsAndSaysWhichAndWhy()
    {
        await service.Client.Upload("chain/broken.csv", "n,y\n1\n");
        await WhileAllSlotsAreTaken(() => CreateChain("broken", "s3://chain/broken.csv"));

        var source = await service.Client.Failed("/v1/datasources/broken");
        var model = await service.Client.Failed("/v1/models/broken");
        var evaluation = await service.Client.Failed("/v1/evaluations/broken");

        Assert.Contains("1 columns where the schema has 2", source, StringComparison.Ordinal);
        Assert.Contains($"The datasource 'broken' failed: {source}", model, StringComparison.Ordinal);
        Assert.Contains("'broken' failed", evaluation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatDependsOnADeletedResourceFailsAndSaysSo()
    {
        await service.Client.Upload("chain/deleted.csv", Data);
        await WhileAllSlotsAreTaken(async () =>
        {
            await CreateChain("deleted", "s3://chain/deleted.csv");
            using var answer = await service.Client.DeleteAsync("/v1/datasources/deleted", TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode);
            // While nothing else could run, so nothing but the deletion ended it.
            Assert.Contains("The datasource 'deleted' was deleted", await service.Client.Failed("/v1/models/deleted"), StringComparison.Ordinal);
            Assert.Contains("'deleted' ", await service.Client.Failed("/v1/batch-predictions/deleted"), StringComparison.Ordinal);
        });
    }

    private async Task CreateChain(string id, string location)
    {
        await service.Client.Post("/v1/datasources", $$$"""
            {
              "id": "{{{id}}}", "dataLocation": "{{{location}}}", "schema": {
                "version": "1.0", "dataFormat": "CSV", "dataFileContainsHeader": true, "targetAttributeName": "y", "attributes": [
                  {"attributeName": "n", "attributeType": "NUMERIC"}, {"attributeName": "y", "attributeType": "BINARY"}
                ]
              }
            }
            """);
        await service.Client.Post("/v1/models", $$"""{"id": "{{id}}", "trainingDatasourceId": "{{id}}"}""");
        await service.Client.Post("/v1/evaluations", $$"""{"id": "{{id}}", "modelId": "{{id}}", "datasourceId": "{{id}}"}""");
        await service.Client.Post(
            "/v1/batch-predictions", $$"""{"id": "{{id}}", "modelId": "{{id}}", "datasourceId": "{{id}}", "outputUri": "s3://chain/out/"}""");
    }

    private async Task WhileAllSlotsAreTaken(Func<Task> act)
    {
        var slots = service.Services.GetRequiredService<JobSlots>();
        var taken = new List<IDisposable>();
        while (!slots.AreTaken(1))
            taken.Add(await slots.Enter(1, "", TestContext.Current.CancellationToken));
        try
        {
            await act();
        }
        finally
        {
            taken.ForEach(slot => slot.Dispose());
        }
    }
}
