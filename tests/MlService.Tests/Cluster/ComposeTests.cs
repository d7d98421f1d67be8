using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using MlService.Tests.Storage;
using Npgsql;

namespace MlService.Tests.Cluster;

/// <summary>
/// The services of <c>docker-compose.yml</c> as processes on this machine, with the environment that the file gives them; only host names,
/// ports and the names of what tests share are others.
/// </summary>
public sealed class ComposeTests(PostgreSqlServer metadata, S3Server objects) : IDisposable
{
    private const string KeySecret = "0123456789abcdefghij";

    private readonly string _root = Directory.CreateTempSubdirectory("mlservice-compose-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact, LongProof]
    public async Task OneThatAnswersAndTwoWorkersDoTheMainJobForWhoeverHasTheFirstKey()
    {
        var s3 = await objects.Options();
        var compose = ComposeFile.Read(new Dictionary<string, string>
        {
            ["POSTGRES_PASSWORD"] = "any",
            ["MINIO_PASSWORD"] = s3.SecretKey!,
            ["MINIO_PUBLIC_URL"] = s3.Endpoint!,
            ["MLSERVICE_MASTER_KEY"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["MLSERVICE_KEY_ID"] = "first-key",
            ["MLSERVICE_KEY_SECRET"] = KeySecret,
        });
        var database = new NpgsqlConnectionStringBuilder(await metadata.NewDatabase(isMigrated: false));
        var artifacts = $"compose-{Guid.NewGuid():N}";
        var processes = await Task.WhenAll(new[] { "api", "worker", "worker" }.Select(Start));
        try
        {
            foreach (var (process, service) in processes.Zip(["api", "worker", "worker"]))
                await IsHealthy(process, service);
            var api = processes[0].Client;
            Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/v1/models", Cancellation)).StatusCode);
            api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"first-key:{KeySecret}");

            await api.Upload($"{artifacts}-data/rows.csv", Rows());
            var made = await api.Post("/v1/train", $$"""{ "dataLocation": "s3://{{artifacts}}-data/rows.csv", "target": "bought" }""");
            await api.Completed($"/v1/evaluations/{made["evaluationId"]}");
            await api.Post("/v1/batch-predictions", $$"""
                { "id": "all", "modelId": "{{made["modelId"]}}", "datasourceId": "{{made["datasourceId"]}}", "outputUri": "s3://{{artifacts}}-data/out/" }
                """);
            await api.Completed("/v1/batch-predictions/all");

            var results = await api.Get("/v1/batch-predictions/all/results");
            var link = new Uri((string)results["results"]![0]!["url"]!);
            Assert.Equal(new Uri(s3.Endpoint!).Authority, link.Authority);
            using var anyone = new HttpClient();
            Assert.Equal(HttpStatusCode.OK, (await anyone.GetAsync(link, Cancellation)).StatusCode);
            Assert.DoesNotContain(processes, process => process.Output.Contains(KeySecret, StringComparison.Ordinal));
            Assert.DoesNotContain("attempt 1", processes[0].Output, StringComparison.Ordinal);
        }
        finally
        {
            foreach (var process in processes)
                await process.DisposeAsync();
        }

        Task<ServiceProcess> Start(string service, int number)
        {
            var environment = compose.Environment(service);
            Assert.Equal("http://+:8080", environment["ASPNETCORE_URLS"]);
            environment["ASPNETCORE_URLS"] = "http://+:0";
            environment["Data__Directory"] = Path.Combine(_root, $"{service}-{number}", environment["Data__Directory"].Trim('/'));
            var connection = new NpgsqlConnectionStringBuilder(environment["ConnectionStrings__Metadata"]);
            Assert.Equal("postgres", connection.Host);
            (connection.Host, connection.Port, connection.Database) = (database.Host, database.Port, database.Database);
            environment["ConnectionStrings__Metadata"] = connection.ConnectionString;
            Assert.Equal("http://minio:9000", environment["Storage__S3__Endpoint"]);
            environment["Storage__S3__Endpoint"] = s3.Endpoint!;
            environment["Storage__S3__AccessKey"] = s3.AccessKey!;
            environment["Storage__S3__ArtifactBucket"] = artifacts;
            return ServiceProcess.Start(environment);
        }

        async Task IsHealthy(ServiceProcess process, string service)
        {
            var command = compose.HealthCheck(service).Select(word => word.Replace("127.0.0.1/8080", $"127.0.0.1/{process.Client.BaseAddress!.Port}", StringComparison.Ordinal));
            using var check = Process.Start(new ProcessStartInfo("/usr/bin/env", command) { RedirectStandardError = true })!;
            var errors = await check.StandardError.ReadToEndAsync(Cancellation);
            await check.WaitForExitAsync(Cancellation);
            Assert.True(check.ExitCode == 0, errors);
        }
    }

    private static string Rows()
    {
        var random = new Random(7);
        var text = new StringBuilder("age,job,bought\n");
        for (var row = 0; row < 2000; row++)
        {
            var age = random.Next(18, 90);
            text.Append(age).Append(",j").Append(random.Next(9)).Append(',').Append(random.Next(100) < age ? 1 : 0).Append('\n');
        }
        return text.ToString();
    }
}
