namespace MlService.Tests.Readme;

/// <summary>Backup and restore of the data directory, as docs/operation.md tells it.</summary>
public sealed class RestoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mlservice-restore-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact, LongProof]
    public async Task ACopiedDataDirectoryGoesOnWhereTheServiceStopped()
    {
        var (data, backup) = (Path.Combine(_root, "data"), Path.Combine(_root, "data.backup"));
        double auc;
        await using (var service = await ServiceProcess.Start(data))
        {
            await service.Client.HasSamples();
            await service.Client.Post("/v1/train", """{ "dataLocation": "s3://samples/banking.csv", "target": "y", "name": "kept" }""");
            var evaluation = (await service.Client.Get("/v1/evaluations"))["items"]![0]!["id"];
            await service.Client.Completed($"/v1/evaluations/{evaluation}");
            auc = (double)(await service.Client.Get($"/v1/evaluations/{evaluation}/report"))["auc"]!;
            var source = (await service.Client.Get("/v1/models"))["items"]![0]!["trainingDatasourceId"];
            await service.Client.Post("/v1/models", $$"""{ "id": "unfinished", "trainingDatasourceId": "{{source}}", "parameters": { "sgd.maxPasses": "100" } }""");
            Assert.Equal(0, await service.Terminate());
        }
        using (var copy = System.Diagnostics.Process.Start("cp", ["-a", data, backup]))
            await copy.WaitForExitAsync(TestContext.Current.CancellationToken);
        Directory.Delete(data, recursive: true);
        Directory.Delete(Path.Combine(backup, "scratch"), recursive: true);
        Directory.Move(backup, data);

        await using var restored = await RunningService.Start(data);
        var kept = (await restored.Client.Get("/v1/evaluations"))["items"]![0]!["id"];
        Assert.Equal(auc, (double)(await restored.Client.Get($"/v1/evaluations/{kept}/report"))["auc"]!);
        await restored.Client.Completed("/v1/models/unfinished");
        var evaluated = (await restored.Client.Get("/v1/datasources?name.prefix=kept"))["items"]!.AsArray();
        await restored.Client.Post("/v1/evaluations", $$"""{ "id": "again", "modelId": "unfinished", "datasourceId": "{{evaluated[0]!["id"]}}" }""");
        await restored.Client.Completed("/v1/evaluations/again");
    }
}
