using System.Net;
using MlService.Evaluations;
using MlService.Metadata;
using MlService.Models;
using MlService.Tests.Metadata;

namespace MlService.Tests.Evaluations;

public class EvaluationApiTests(QuietService service)
{
    private const string Collection = "/v1/evaluations";

    [Fact]
    public async Task AnEvaluationMayBeCreatedOnAPendingModelAndShowsItsMetricOnceCompleted()
    {
        var (model, source) = (await service.CreateModel(), await service.CreateDataSource());
        var created = await service.Create("evaluations", $$"""{ "modelId": "{{model}}", "datasourceId": "{{source}}" }""");
        var id = (string)created["id"]!;
        Assert.StartsWith("ev-", id, StringComparison.Ordinal);
        Assert.Null(created["metric"]);
        Assert.Contains($"Nudge Evaluation/{id}", service.Jobs.Calls);

        await service.Put($"s3://mlservice/Evaluation/{id}/2/report.json", """{"auc":0.93}""");
        await service.Change<Evaluation>(id, row =>
        {
            (row.Status, row.Artifacts, row.ComputeMilliseconds) = (ResourceStatus.Completed, $"Evaluation/{id}/2/", 12);
            (row.MetricName, row.MetricValue) = ("BinaryAUC", 0.93);
        });
        var (_, done) = await service.Get($"{Collection}/{id}");
        Assert.Equal("""{"name":"BinaryAUC","value":0.93}""", done["metric"]!.ToJsonString());
        Assert.Equal(12, (long?)done["computeTime"]);
        Assert.Equal("""{"auc":0.93}""", (await service.Get($"{Collection}/{id}/report")).Body.ToJsonString());
    }

    [Fact]
    public async Task WhatTheEvaluationNeedsMustExistAndHaveATarget()
    {
        var (model, source) = (await service.CreateModel(), await service.CreateDataSource());
        var aimless = (string)(await service.Create("datasources", """
            { "dataLocation": "s3://bank/x", "schema": { "version": "1.0", "dataFormat": "CSV", "attributes": [ { "attributeName": "a", "attributeType": "NUMERIC" } ] } }
            """))["id"]!;
        await Refused($$"""{ "modelId": "nope", "datasourceId": "{{source}}" }""", "modelId");
        await Refused($$"""{ "modelId": "{{model}}", "datasourceId": "nope" }""", "datasourceId");
        await Refused($$"""{ "modelId": "{{model}}", "datasourceId": "{{aimless}}" }""", "datasourceId");
        await Refused($$"""{ "modelId": "{{model}}" }""", "datasourceId");
        await service.Change<Model>(model, row => row.Status = ResourceStatus.Failed);
        await Refused($$"""{ "modelId": "{{model}}", "datasourceId": "{{source}}" }""", "modelId");

        Task<string> Refused(string request, string field) =>
            service.Refused(HttpMethod.Post, Collection, request, HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task TheReportOfAFailedEvaluationSaysWhyThereIsNone()
    {
        var (model, source) = (await service.CreateModel(), await service.CreateDataSource());
        var id = (string)(await service.Create("evaluations", $$"""{ "modelId": "{{model}}", "datasourceId": "{{source}}" }"""))["id"]!;
        await service.Change<Evaluation>(id, row => (row.Status, row.Message) = (ResourceStatus.Failed, "The target is missing."));
        var detail = await service.Refused(HttpMethod.Get, $"{Collection}/{id}/report", null, HttpStatusCode.Conflict, null);
        Assert.Contains("The target is missing.", detail, StringComparison.Ordinal);
    }
}

[Collection<PostgreSqlQuietTests>]
public sealed class PostgreSqlEvaluationApiTests(PostgreSqlQuietService service) : EvaluationApiTests(service);
