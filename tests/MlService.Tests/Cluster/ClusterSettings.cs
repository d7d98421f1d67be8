using System.Text;
using MlService.Tests.Storage;

namespace MlService.Tests.Cluster;

/// <summary>What the tests of clusters have in common.</summary>
internal static class ClusterSettings
{
    /// <summary>What all processes of a cluster are told.</summary>
    /// <param name="metadata">Where it gets a database of its own.</param>
    /// <param name="objects">The S3 server, which keeps what other tests of the run left.</param>
    /// <param name="mark">Tells this cluster from others.</param>
    public static async Task<string[]> Of(PostgreSqlServer metadata, S3Server objects, string mark)
    {
        var connection = await metadata.NewDatabase(isMigrated: false);
        return
        [
            $"--ConnectionStrings:Metadata={connection}", "--Cluster:Mode=PostgreSql",
            "--Jobs:CheckpointSeconds=1000", $"--Storage:S3:ArtifactBucket=cluster-{mark}-artifacts", .. (await objects.Options()).ToArguments(),
        ];
    }

    /// <summary>Starts a training that gains so little in each of so many passes that it goes on far longer than a test, <c>long-{mark}</c>, and waits until it learns.</summary>
    public static async Task StartLongTraining(HttpClient client, string mark)
    {
        await client.Upload($"cluster-{mark}/long.csv", Rows(40_000));
        await client.Post("/v1/datasources", $$"""{"id": "long-{{mark}}", "dataLocation": "s3://cluster-{{mark}}/long.csv", "computeStatistics": true}""");
        await client.Completed($"/v1/datasources/long-{mark}");
        await client.Post("/v1/models",
            $$$"""{"id": "long-{{{mark}}}", "trainingDatasourceId": "long-{{{mark}}}", "parameters": {"sgd.maxPasses": "10000", "sgd.tolerance": "0", "sgd.learningRate": "0.0001"}}""");
        await client.AtWork($"/v1/models/long-{mark}", "training");
    }

    /// <summary>Data with a target.</summary>
    public static string Rows(int count)
    {
        var random = new Random(4);
        var text = new StringBuilder("age,job,words,bought\n");
        for (var row = 0; row < count; row++)
        {
            text.Append(random.Next(18, 90)).Append(",j").Append(random.Next(40)).Append(',');
            for (var word = 0; word < 15; word++)
                text.Append('w').Append(random.Next(30_000)).Append(' ');
            text.Append(',').Append(random.Next(2)).Append('\n');
        }
        return text.ToString();
    }
}
