using System.Net;
using MlService.Tests.Metadata;

namespace MlService.Tests.Schemas;

public class SchemaApiTests(QuietService service)
{
    private const string Csv = "age,job,y\n31,clerk,0\n45,farmer,1\n28,clerk,0\n";

    [Fact]
    public async Task TheSchemaOfAFileIsInferredWithItsFirstRowsAndReasons()
    {
        await service.Put("s3://infer/people.csv", Csv);
        var (status, body) = await service.Send(HttpMethod.Post, "/v1/schemas/infer", """{ "dataLocation": "s3://infer/people.csv" }""");
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        Assert.Equal(["age", "job", "y"], body["schema"]!["attributes"]!.AsArray().Select(attribute => (string?)attribute!["attributeName"]));
        Assert.Equal(["31", "clerk", "0"], body["rows"]![0]!.AsArray().Select(value => (string?)value));
        Assert.Equal(["age", "job", "y"], body["reasons"]!.AsArray().Select(reason => (string?)reason!["name"]));
        Assert.Equal("NUMERIC", (string?)body["reasons"]![0]!["type"]);
    }

    [Fact]
    public async Task OfAPrefixTheFirstFileWithDataIsRead()
    {
        await service.Put("s3://infer/many/.schema", "not data");
        await service.Put("s3://infer/many/0-empty.csv", "");
        await service.Put("s3://infer/many/1.csv", Csv);
        var (_, body) = await service.Send(HttpMethod.Post, "/v1/schemas/infer", """{ "dataLocation": "s3://infer/many/", "dataFileContainsHeader": true }""");
        Assert.Equal(3, body["rows"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest, "dataLocation")]
    [InlineData("""{ "dataLocation": "x" }""", HttpStatusCode.BadRequest, "dataLocation")]
    [InlineData("""{ "dataLocation": "s3://infer/nothing/" }""", HttpStatusCode.BadRequest, "dataLocation")]
    [InlineData("""{ "dataLocation": "s3://infer/nothing.csv" }""", HttpStatusCode.NotFound, null)]
    public async Task WhereThereIsNoDataNothingIsInferred(string request, HttpStatusCode status, string? field)
    {
        await service.Put("s3://infer/people.csv", Csv);
        await service.Refused(HttpMethod.Post, "/v1/schemas/infer", request, status, field);
    }
}
