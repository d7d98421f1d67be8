using Microsoft.Extensions.DependencyInjection;
using MlService.DataSources;
using MlService.Metadata;
using MlService.Storage;
using MlService.Tests.Metadata;

namespace MlService.Tests.DataSources;

/// <summary>Rows of a query that attempts have stored which did not complete its datasource.</summary>
public class QueryLeftoverTests(QuietService service)
{
    [Theory]
    [InlineData(ResourceStatus.InProgress, false, "rows-2.csv")]
    [InlineData(ResourceStatus.Completed, true, "rows-2.csv")]
    [InlineData(ResourceStatus.Deleted, true, "rows-2.csv")]
    [InlineData(ResourceStatus.Deleted, false, "")]
    [InlineData(ResourceStatus.Failed, false, "")]
    public async Task OnlyThoseOfTheAttemptThatCountsAreKept(ResourceStatus status, bool hasCompleted, string kept)
    {
        var (id, bucket) = (QuietService.NewId("ds"), QuietService.NewId("staged"));
        var row = new DataSource
        {
            Id = id,
            DataLocation = $"s3://{bucket}/{id}/",
            Query = "SELECT 1",
            Status = status,
            Attempt = 2,
            Artifacts = hasCompleted ? $"DataSource/{id}/2/" : null,
        };
        foreach (var name in (string[])["rows-1.csv", "rows-1.csv.schema", "rows-2.csv", "rows-2.csv.schema", "notes.txt"])
            await service.Put($"s3://{bucket}/{id}/{name}", "x");
        var objects = service.Services.GetRequiredService<IObjectStore>();

        await DataSourceJob.DropUncounted(objects, row, TestContext.Current.CancellationToken);

        var left = await objects.List(bucket, "", null, TestContext.Current.CancellationToken).Select(item => item.Uri.Key[(id.Length + 1)..])
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(kept.Length == 0 ? ["notes.txt"] : ["notes.txt", kept, $"{kept}.schema"], left);
    }
}
