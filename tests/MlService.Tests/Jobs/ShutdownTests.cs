using MlService.Samples;

namespace MlService.Tests.Jobs;

/// <summary>A real process that is told to end while a job runs.</summary>
public sealed class ShutdownTests : IDisposable
{
    private const int Copies = 8;

    private readonly string _data = Directory.CreateTempSubdirectory("mlservice-shutdown-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact, LongProof]
    public async Task TheProcessEndsWithoutAnErrorAndItsJobGoesOnInTheNext()
    {
        await using (var service = await ServiceProcess.Start(_data))
        {
            for (var copy = 0; copy < Copies; copy++)
                await service.Client.Upload($"shutdown/data/{copy}.csv", BankingSample.Labelled.OpenRead());
            await service.Client.Post("/v1/datasources", """{"id": "data", "dataLocation": "s3://shutdown/data/"}""");
            await service.Client.Completed("/v1/datasources/data");
            await service.Client.Post("/v1/models", """{"id": "model", "trainingDatasourceId": "data"}""");
            await service.Client.AtWork("/v1/models/model", "encoding");

            Assert.Equal(0, await service.Terminate());

            Assert.Contains("Job Model/model attempt 1 stopped", service.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(" ERR ", service.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", service.Output, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_data, "scratch")));
        }

        await using var next = await RunningService.Start(_data);
        await next.Client.Completed("/v1/models/model");
        Assert.Contains("Job Model/model attempt 2 completed", next.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheLogTellsOfJobsAndRequestsButNeverOfWhatIsInTheData()
    {
        const string secret = "Rumpelstiltskin";
        await using var service = await RunningService.Start(_data);
        var client = service.Client;
        await client.Upload("log/data.csv", $"{secret},y\n1,0\n2,1\n");
        await client.Post("/v1/datasources", $$"""
            {
              "id": "refused", "dataLocation": "s3://log/data.csv", "schema": {
                "version": "1.0", "dataFormat": "CSV", "dataFileContainsHeader": true, "attributes": [
                  {"attributeName": "y", "attributeType": "NUMERIC"}, {"attributeName": "{{secret}}", "attributeType": "NUMERIC"}
                ]
              }
            }
            """);
        var message = await client.Failed("/v1/datasources/refused");

        // What the owner of the data may read need not be for everyone who reads the log.
        Assert.Contains(secret, message, StringComparison.Ordinal);
        Assert.Contains("Job DataSource/refused attempt 1 failed", service.Output, StringComparison.Ordinal);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
            client.Post("/v1/datasources", """{"id": "at-once", "dataLocation": "s3://log/data.csv"}""")));

        Assert.DoesNotContain(" ERR ", service.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, service.Output, StringComparison.Ordinal);
    }
}
