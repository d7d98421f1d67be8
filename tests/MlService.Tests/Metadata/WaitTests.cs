using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlService.DataSources;
using MlService.Jobs;
using MlService.Metadata;
using MlService.Models;

namespace MlService.Tests.Metadata;

/// <summary>A read with <c>wait</c> answers when the resource is finished.</summary>
public class WaitTests(QuietService service)
{
    [Theory]
    [InlineData(ResourceStatus.Completed, true)]
    [InlineData(ResourceStatus.Failed, true)]
    [InlineData(ResourceStatus.Completed, false)] // the job of another process, of which nobody tells this one
    public async Task AReadAnswersOnceTheResourceIsFinished(ResourceStatus end, bool isTold)
    {
        var id = await service.CreateModel();
        var reading = Read($"/v1/models/{id}?wait=50");
        await service.Change<Model>(id, row => row.Status = ResourceStatus.InProgress);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.False(reading.IsCompleted);
        await service.Change<Model>(id, row => row.Status = end);
        if (isTold)
            service.Services.GetRequiredService<FinishedJobs>().Tell();
        Assert.Equal(end.ToText(), (string?)(await reading)["status"]);
    }

    [Fact]
    public async Task ADeletionEndsTheWait()
    {
        var id = await service.CreateDataSource();
        var reading = Read($"/v1/datasources/{id}?wait=50");
        await service.Send(HttpMethod.Delete, $"/v1/datasources/{id}");
        Assert.Equal("DELETED", (string?)(await reading)["status"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?wait=0")]
    [InlineData("?wait=1")]
    public async Task WhenTheTimeIsOverItAnswersWithTheStateOfThen(string query)
    {
        var id = await service.CreateDataSource();
        Assert.Equal("PENDING", (string?)(await Read($"/v1/datasources/{id}{query}"))["status"]);
    }

    [Theory]
    [InlineData("51")]
    [InlineData("-1")]
    [InlineData("long")]
    public async Task WhatIsNoTimeToWaitIsRefused(string wait)
    {
        var id = await service.CreateDataSource();
        await service.Refused(HttpMethod.Get, $"/v1/datasources/{id}?wait={wait}", null, HttpStatusCode.BadRequest, "wait");
    }

    [Fact]
    public Task WhatDoesNotExistIsNotWaitedFor() =>
        service.Refused(HttpMethod.Get, "/v1/models/nope?wait=50", null, HttpStatusCode.NotFound, "id");

    [Fact]
    public async Task TheEndOfAJobIsHeardOfWithoutLookingAgainNowAndThen()
    {
        var jobs = new FinishedJobs(service.Services.GetRequiredService<IHostApplicationLifetime>(), new StoppedTime());
        var (reads, isFinished) = (0, false);
        var waiting = jobs.Await(
            () => Task.FromResult(++reads), _ => Volatile.Read(ref isFinished), TimeSpan.FromDays(1), TestContext.Current.CancellationToken);
        jobs.Tell();
        Volatile.Write(ref isFinished, true);
        jobs.Tell();
        Assert.InRange(await waiting, 2, 3);
    }

    [Fact]
    public async Task WhoGoesAwayIsWaitedForNoLonger()
    {
        var jobs = new FinishedJobs(service.Services.GetRequiredService<IHostApplicationLifetime>(), new StoppedTime());
        using var gone = new CancellationTokenSource();
        var waiting = jobs.Await(() => Task.FromResult(0), _ => false, TimeSpan.FromDays(1), gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private async Task<JsonNode> Read(string address) =>
        JsonNode.Parse(await service.Http.GetStringAsync(new Uri(address, UriKind.Relative), TestContext.Current.CancellationToken))!;

    /// <summary>A clock whose timers never ring.</summary>
    private sealed class StoppedTime : TimeProvider
    {
        public override long GetTimestamp() => 0;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
