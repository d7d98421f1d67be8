using Microsoft.AspNetCore.Http.HttpResults;
using MlService.Access;
using MlService.Metadata;
using MlService.OpenApi;
using MlService.Storage;

namespace MlService.DataSources;

/// <summary>The REST calls of datasources.</summary>
internal static class DataSourceApi
{
    private const string Example = """
        {
          "id": "bank-1", "name": "Bank marketing, training", "dataLocation": "s3://samples/banking.csv",
          "split": { "percentBegin": 0, "percentEnd": 70, "strategy": "random", "seed": "1" },
          "computeStatistics": true, "tags": { "team": "growth" }
        }
        """;

    private const string ShownExample = """
        {
          "id": "bank-1", "name": "Bank marketing, training", "status": "PENDING",
          "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z",
          "progress": { "percent": 0, "rows": 0, "rowsPerSecond": 0 }, "tags": { "team": "growth" },
          "dataLocation": "s3://samples/banking.csv",
          "split": { "percentBegin": 0, "percentEnd": 70, "strategy": "random", "seed": "1", "complement": false },
          "computeStatistics": true
        }
        """;

    /// <summary>Maps <c>/v1/datasources</c>.</summary>
    public static void MapDataSources(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapResource<DataSource, NewDataSource, DataSourceDescription>(ResourceKind.DataSource, Show);
        group.MapRename<DataSource, NewDataSource, DataSourceDescription>(ResourceKind.DataSource, Show);
        group.MapPost("", Create)
            .CheckLimitsInside()
            .WithSummary("Creates one datasource")
            .WithDescription("A job then reads the data, checks it against the schema and computes the data report. In place of `dataLocation` it "
                + "takes `database`, `query` and `stagingLocation`: the rows of a query to a database that the service is configured for.")
            .WithRequestExample(Example).WithResponseExample(StatusCodes.Status202Accepted, ShownExample);
        group.MapGet("/{id}/statistics", GetStatistics)
            .WithSummary("Reads the data report")
            .WithDescription("Attribute by attribute: counts, missing and invalid values, ranges, distributions, most frequent values, "
                + "relation to the target. Once the datasource is completed, and if `computeStatistics` was true.")
            .Produces<object>(StatusCodes.Status200OK, "application/json");
    }

    private static DataSourceDescription Show(Tagged<DataSource> source, HttpRequest request) => new(source);

    private static async Task<Accepted<DataSourceDescription>> Create(
        DataSourceRequest body, HttpRequest request, DataSourceCatalog catalog, CancellationToken cancellation)
    {
        var created = await catalog.Create(body.ToNew(), cancellation);
        return TypedResults.Accepted($"/v1/datasources/{created.Row.Id}", Show(created, request));
    }

    private static async Task<FileStreamHttpResult> GetStatistics(
        string id, DataSourceCatalog catalog, ArtifactReader artifacts, CancellationToken cancellation)
    {
        var row = (await catalog.Get(id, cancellation)).Row;
        if (!row.ComputeStatistics)
            throw ResourceProblems.Conflict(
                $"The datasource {id} was created with computeStatistics false, so it has no data report. Create one with computeStatistics true.");
        return TypedResults.Stream(await artifacts.Open(row, Artifacts.Report, "data report", cancellation), "application/json");
    }
}
