using System.Text;
using Microsoft.EntityFrameworkCore;
using MlService.Tests.Storage;

namespace MlService.Tests.Jobs;

/// <summary>Jobs whose servers go away and come back.</summary>
public sealed class OutageTests(OutageTests.Servers servers) : IClassFixture<OutageTests.Servers>, IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("mlservice-outage-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact, LongProof]
    public async Task AJobWaitsForObjectStorageAndSaysSoAndNoneOfItsAttemptsCounts()
    {
        await using var service = await Start("--Jobs:MaxFaults=1", "--Jobs:MaxAttempts=1", "--Storage:S3:MaxRetries=0");
        await service.Client.Upload("outage/data.csv", Rows(100));
        await servers.Objects.Stop();
        await service.Client.Post("/v1/datasources", """{"id": "waits", "dataLocation": "s3://outage/data.csv", "computeStatistics": true}""");
        string? message;
        do
            message = (string?)(await service.Client.Get("/v1/datasources/waits"))["message"];
        while (message is null);
        Assert.StartsWith("Waiting for object storage, and going on when it is back. ", message, StringComparison.Ordinal);
        Assert.Contains(servers.Objects.Options.Endpoint!, message, StringComparison.Ordinal);

        await servers.Objects.Restart();
        var completed = await service.Client.Completed("/v1/datasources/waits");
        Assert.Equal(100, (int)completed["rows"]!);
        Assert.Null(completed["message"]);
    }

    [Fact, LongProof]
    public async Task AJobWorksOnWhileTheMetadataServerIsAwayAndCompletesWithTheSameAttempt()
    {
        await using var service = await Start();
        await service.Client.Upload("outage/more.csv", Rows(20_000));
        await service.Client.Post("/v1/datasources", """{"id": "source", "dataLocation": "s3://outage/more.csv", "computeStatistics": true}""");
        await service.Client.Completed("/v1/datasources/source");
        await service.Client.Post("/v1/models",
            """{"id": "goes-on", "trainingDatasourceId": "source", "parameters": {"sgd.maxPasses": "100", "sgd.l2RegularizationAmount": "1e-8"}}""");
        await service.Client.AtWork("/v1/models/goes-on", "training");
        await servers.Metadata.Stop(isCrash: false);
        await service.Prints("Job Model/goes-on attempt 1 works on without the metadata store");
        await servers.Metadata.Restart();

        await service.Client.Completed("/v1/models/goes-on");
        await using var context = PostgreSqlServer.Open(servers.Connection);
        var row = await context.Models.SingleAsync(model => model.Id == "goes-on", Cancellation);
        Assert.Equal((1, 0, 0), (row.Attempt, row.Faults, row.Interruptions));
    }

    private async Task<RunningService> Start(params string[] more)
    {
        await servers.EnsureStarted();
        return await RunningService.Start(
            _data, [$"--ConnectionStrings:Metadata={servers.Connection}", .. servers.Objects.Options.ToArguments(), .. more]);
    }

    private static string Rows(int count)
    {
        var random = new Random(7);
        var text = new StringBuilder("age,words,bought\n");
        for (var row = 0; row < count; row++)
            text.Append(random.Next(18, 90)).Append(",w").Append(random.Next(3000)).Append(" w").Append(random.Next(3000)).Append(',').Append(random.Next(2)).Append('\n');
        return text.ToString();
    }

    /// <summary>Servers that nobody else uses, for they are stopped.</summary>
    public sealed class Servers : IAsyncDisposable
    {
        private CephGateway? _objects;

        public PostgreSqlServer Metadata { get; } = new();

        public CephGateway Objects => _objects!;

        public string Connection { get; private set; } = "";

        /// <summary>Starts them, unless they run; without their programs the test is skipped, and says why.</summary>
        public async Task EnsureStarted()
        {
            if (_objects is not null)
                return;
            Connection = await Metadata.NewDatabase();
            _objects = await CephGateway.Start();
        }

        public async ValueTask DisposeAsync()
        {
            await Metadata.DisposeAsync();
            if (_objects is not null)
                await _objects.DisposeAsync();
        }
    }
}
