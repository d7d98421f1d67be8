using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MlService.Samples;
using MlService.Tests;

namespace MlService.BrowserTests;

/// <summary>A service with one of everything: the sample's datasources, a trained model with an open endpoint, its evaluation, a batch prediction.</summary>
public sealed class TrainedService : IAsyncLifetime
{
    private readonly RunningService _service = new();

    public Uri Address => _service.Address;

    public HttpClient Client => _service.Client;

    /// <summary>Page of the datasource of all rows, and so on.</summary>
    public string DataSource { get; private set; } = "";

    public string Model { get; private set; } = "";

    public string Evaluation { get; private set; } = "";

    public string BatchPrediction { get; private set; } = "";

    /// <summary>Page of the evaluation of a model that predicts a number, and so on.</summary>
    public string RegressionEvaluation { get; private set; } = "";

    public string MulticlassEvaluation { get; private set; } = "";

    public string MulticlassModel { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await _service.InitializeAsync();
        foreach (var sample in new[] { BankingSample.Labelled, BankingSample.Batch })
            using (var answer = await Client.PutAsync($"/v1/objects/{BankingSample.Bucket}/{sample.Key}", new StreamContent(sample.OpenRead())))
                answer.EnsureSuccessStatusCode();
        var ids = await Post("/v1/train", new { dataLocation = BankingSample.Labelled.Uri, target = BankingSample.Target, name = "Banking" });
        await Post("/v1/datasources", new { id = "new-customers", name = "New customers", dataLocation = BankingSample.Batch.Uri, computeStatistics = false });
        await Post("/v1/batch-predictions", new { id = "calls", name = "October calls", modelId = (string?)ids["modelId"], datasourceId = "new-customers", outputUri = "s3://results/october/" });
        var ages = await Post("/v1/train", new { dataLocation = BankingSample.Batch.Uri, target = "age", name = "Age" });
        var schools = await Post("/v1/train", new { dataLocation = BankingSample.Batch.Uri, target = "education", name = "Education" });
        (RegressionEvaluation, MulticlassEvaluation, MulticlassModel) =
            ($"/evaluations/{ages["evaluationId"]}", $"/evaluations/{schools["evaluationId"]}", $"/models/{schools["modelId"]}");
        (DataSource, Model, Evaluation, BatchPrediction) =
            ($"/datasources/{ids["datasourceId"]}", $"/models/{ids["modelId"]}", $"/evaluations/{ids["evaluationId"]}", "/batch-predictions/calls");
        foreach (var page in new[] { DataSource, Evaluation, BatchPrediction, RegressionEvaluation, MulticlassEvaluation })
            await Completed("/v1" + page);
        (await Client.PutAsync($"/v1{Model}/endpoint", null)).EnsureSuccessStatusCode();
    }

    /// <summary>Starts to train a model over which one can look on as learning rates race, for a minute at least.</summary>
    public async Task StartRace(string id)
    {
        // A threshold among many rows: every pass finds it more exactly, so the race goes on and on.
        var rows = string.Concat(Enumerable.Range(0, 500_000).Select(i => $"{i * 7919L % 1000},{i % 17},{(i * 7919L % 1000 >= 500 ? 1 : 0)}\n"));
        using (var answer = await Client.PutAsync($"/v1/objects/{id}/rows.csv", new StringContent("a,b,y\n" + rows)))
            answer.EnsureSuccessStatusCode();
        await Post("/v1/datasources", new { id = $"{id}-rows", dataLocation = $"s3://{id}/rows.csv" });
        var recipe = """{"groups": {}, "assignments": {}, "outputs": ["ALL_NUMERIC"]}""";
        var parameters = new Dictionary<string, string> { ["sgd.maxPasses"] = "10000", ["sgd.tolerance"] = "0" };
        await Post("/v1/models", new { id, name = "A race", trainingDatasourceId = $"{id}-rows", recipe, parameters });
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    private async Task<JsonNode> Post(string path, object body)
    {
        using var answer = await Client.PostAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private async Task Completed(string path)
    {
        while (true)
        {
            var resource = (await Client.GetFromJsonAsync<JsonNode>(path))!;
            if ((string?)resource["status"] is "COMPLETED")
                return;
            Assert.True((string?)resource["status"] is "PENDING" or "INPROGRESS", resource.ToString());
            await Task.Delay(50);
        }
    }
}
