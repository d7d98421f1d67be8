using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using MlService.Amazon;
using MlService.BatchPredictions;
using MlService.DataSources;
using MlService.Evaluations;
using MlService.Metadata;
using MlService.Models;

namespace MlService.Tests.Amazon;

/// <summary>Filters, orders and pages of the Describe operations, on rows whose fields are known.</summary>
public sealed class DescribeTests(DescribeTests.Listed service) : IClassFixture<DescribeTests.Listed>
{
    // Each model's id is its place in the order of creation: a is the oldest.
    [Theory]
    [InlineData("{}", "fedcb")]
    [InlineData("""{"NextToken": ""}""", "fedcb")]
    [InlineData("""{"SortOrder": "asc"}""", "bcdef")]
    [InlineData("""{"FilterVariable": "Name", "EQ": "rose"}""", "fc")]
    [InlineData("""{"FilterVariable": "Name", "EQ": "rose", "SortOrder": "dsc"}""", "fc")]
    [InlineData("""{"FilterVariable": "Name", "EQ": "rose", "SortOrder": "asc"}""", "cf")]
    [InlineData("""{"FilterVariable": "Name", "Prefix": "ro"}""", "fdc")]
    [InlineData("""{"FilterVariable": "Name", "GE": "ro", "LT": "rosemary", "SortOrder": "asc"}""", "cf")]
    [InlineData("""{"FilterVariable": "Name", "SortOrder": "asc"}""", "becfd")]
    [InlineData("""{"FilterVariable": "Name", "SortOrder": "dsc"}""", "dfceb")]
    [InlineData("""{"FilterVariable": "Name", "NE": "rose"}""", "edb")]
    [InlineData("""{"FilterVariable": "Status", "EQ": "DELETED"}""", "a")]
    [InlineData("""{"FilterVariable": "Status", "EQ": "FAILED"}""", "b")]
    [InlineData("""{"FilterVariable": "Status", "NE": "FAILED"}""", "fedc")]
    [InlineData("""{"FilterVariable": "CreatedAt", "EQ": "2026-01-03T00:00:00Z"}""", "c")]
    [InlineData("""{"FilterVariable": "CreatedAt", "EQ": "1767398400"}""", "c")]
    [InlineData("""{"FilterVariable": "CreatedAt", "LE": "9999-12-31T23:59:59.999Z"}""", "fedcb")]
    [InlineData("""{"FilterVariable": "CreatedAt", "NE": "1767398400.000"}""", "fedb")]
    [InlineData("""{"FilterVariable": "CreatedAt", "GT": "2026-01-03T00:00:00.000Z"}""", "fed")]
    [InlineData("""{"FilterVariable": "CreatedAt", "GE": "2026-01-03", "LE": "2026-01-05"}""", "edc")]
    [InlineData("""{"FilterVariable": "CreatedAt", "LT": "2026-01-03"}""", "b")]
    [InlineData("""{"FilterVariable": "MLModelType", "EQ": "BINARY"}""", "fdb")]
    [InlineData("""{"FilterVariable": "Algorithm", "EQ": "sgd"}""", "fedcb")]
    [InlineData("""{"FilterVariable": "Algorithm", "NE": "sgd"}""", "")]
    [InlineData("""{"FilterVariable": "Algorithm", "SortOrder": "asc"}""", "bcdef")]
    [InlineData("""{"FilterVariable": "TrainingDataSourceId", "EQ": "source-1"}""", "fedcb")]
    [InlineData("""{"FilterVariable": "TrainingDataURI", "Prefix": "s3://garden/"}""", "fedcb")]
    [InlineData("""{"FilterVariable": "RealtimeEndpointStatus", "EQ": "READY"}""", "e")]
    [InlineData("""{"FilterVariable": "RealtimeEndpointStatus", "EQ": "UPDATING"}""", "")]
    [InlineData("""{"FilterVariable": "RealtimeEndpointStatus", "NE": "FAILED"}""", "fedcb")]
    [InlineData("""{"FilterVariable": "IAMUser", "EQ": "arn:aws:iam::000000000000:root"}""", "edcb")]
    [InlineData("""{"FilterVariable": "IAMUser", "EQ": "arn:aws:iam::000000000000:user/gardener"}""", "f")]
    [InlineData("""{"FilterVariable": "IAMUser", "Prefix": "arn:aws:iam::000000000000:user/"}""", "f")]
    [InlineData("""{"FilterVariable": "IAMUser", "Prefix": "arn:aws:iam::"}""", "fedcb")]
    [InlineData("""{"FilterVariable": "IAMUser", "EQ": "nobody"}""", "")]
    [InlineData("""{"FilterVariable": "IAMUser", "GT": "arn:aws:iam::000000000000:root"}""", "f")]
    [InlineData("""{"FilterVariable": "IAMUser", "LT": "zzz"}""", "fedcb")]
    public async Task AFilterPassesWhatItSaysInTheOrderItSays(string request, string expected)
    {
        var answer = await service.Client.Ask("DescribeMLModels", request);
        Assert.Equal(expected, string.Concat(answer["Results"]!.AsArray().Select(item => (string)item!["MLModelId"]!)));
        Assert.False(answer.AsObject().ContainsKey("NextToken"));
    }

    /// <summary>A second implementation of filters, over the items as they are shown.</summary>
    [Theory]
    [MemberData(nameof(Lists))]
    public async Task EveryVariableOfEveryListComparesAsItIsShown(string list)
    {
        var kind = list["Describe".Length..^1];
        var items = (await service.Client.Ask(list))["Results"]!.AsArray();
        Assert.True(items.Count >= 3);
        foreach (var variable in ((StringShape)Operation.All[list].Input.Members.Single(member => member.Name == "FilterVariable").Shape).Values!)
        {
            var isTime = variable.EndsWith("At", StringComparison.Ordinal);
            foreach (var value in items.Select(item => Shown(item!, kind, variable)).Append(isTime ? "1767312000.25" : "m").Distinct())
            {
                foreach (var (comparator, holds) in Comparisons)
                {
                    if ((isTime && comparator == "Prefix") || (variable.EndsWith("Status", StringComparison.Ordinal) && value == "m" && comparator is "EQ" or "NE"))
                        continue; // refused: see WireTests
                    var expected = items.Where(item => holds(Shown(item!, kind, variable), value)).Select(item => (string)item![$"{kind}Id"]!);
                    var answer = await service.Client.Ask(list, new JsonObject { ["FilterVariable"] = variable, [comparator] = value }.ToJsonString());
                    Assert.Equal($"{variable} {comparator} {value}: {string.Concat(expected)}",
                        $"{variable} {comparator} {value}: {string.Concat(answer["Results"]!.AsArray().Select(item => (string)item![$"{kind}Id"]!))}");
                }
            }
        }
    }

    [Fact]
    public async Task PagesPutTogetherAreTheList()
    {
        var request = new JsonObject { ["FilterVariable"] = "Name", ["NE"] = "x", ["SortOrder"] = "asc", ["Limit"] = 2 };
        var seen = "";
        var pages = 0;
        while (true)
        {
            var page = await service.Client.Ask("DescribeMLModels", request.ToJsonString());
            seen += string.Concat(page["Results"]!.AsArray().Select(item => (string)item!["MLModelId"]!));
            pages++;
            if ((string?)page["NextToken"] is not { } token)
                break;
            request["NextToken"] = token;
        }
        Assert.Equal(("becfd", 3), (seen, pages));
        request["SortOrder"] = "dsc";
        await service.Client.Refused("DescribeMLModels", request.ToJsonString(), "InvalidInputException");
    }

    [Fact]
    public async Task AnItemHasItsTimesAsNumbersAndNothingThatIsAbsent()
    {
        var item = (await service.Client.Ask("DescribeMLModels", """{"FilterVariable": "Name", "EQ": "aster"}"""))["Results"]![0]!;
        // 2026-01-02T00:00:00.250Z, and microseconds that clients do not see.
        Assert.Equal(1767312000.25m, decimal.Parse(item["CreatedAt"]!.ToJsonString(), CultureInfo.InvariantCulture));
        Assert.Equal("""{"PeakRequestsPerSecond":0,"EndpointStatus":"NONE"}""", item["EndpointInfo"]!.ToJsonString());
        Assert.Equal("sgd", (string?)item["Algorithm"]);
        foreach (var absent in (string[])["LogUri", "Recipe", "Schema", "ScoreThreshold", "SizeInBytes", "ComputeTime", "StartedAt"])
            Assert.False(item.AsObject().ContainsKey(absent), absent);
    }

    public static TheoryData<string> Lists => ["DescribeBatchPredictions", "DescribeDataSources", "DescribeEvaluations", "DescribeMLModels"];

    private static readonly (string Name, Func<string, string, bool> Holds)[] Comparisons =
    [
        ("EQ", (shown, value) => Order(shown, value) == 0), ("NE", (shown, value) => Order(shown, value) != 0),
        ("LT", (shown, value) => Order(shown, value) < 0), ("LE", (shown, value) => Order(shown, value) <= 0),
        ("GT", (shown, value) => Order(shown, value) > 0), ("GE", (shown, value) => Order(shown, value) >= 0),
        ("Prefix", (shown, value) => shown.StartsWith(value, StringComparison.Ordinal)),
    ];

    /// <summary>Times are all of ten digits and a fraction, so they are in order as texts too.</summary>
    private static int Order(string shown, string value) => string.CompareOrdinal(shown, value);

    private static string Shown(JsonNode item, string kind, string variable) => variable switch
    {
        "IAMUser" => (string)item["CreatedByIamUser"]!,
        "DataURI" or "TrainingDataURI" => (string)item["InputDataLocationS3"]!,
        "DataSourceId" => (string)item[$"{kind}DataSourceId"]!,
        "RealtimeEndpointStatus" => (string)item["EndpointInfo"]!["EndpointStatus"]!,
        "CreatedAt" or "LastUpdatedAt" => item[variable]!.ToJsonString(),
        _ => (string?)item[variable] ?? "",
    };

    /// <summary>A service that has six models and three of each other kind, which no job looks at.</summary>
    public sealed class Listed : IAsyncLifetime
    {
        private readonly RunningService _service = new();

        public HttpClient Client => _service.Client;

        public async ValueTask InitializeAsync()
        {
            await _service.InitializeAsync();
            await using var context = await _service.Services.GetRequiredService<IDbContextFactory<MetadataContext>>().CreateDbContextAsync();
            Add("a", "rose", ResourceStatus.Deleted);
            Add("b", "aster", ResourceStatus.Failed).CreatedAt = new DateTime(2026, 1, 2, 0, 0, 0, 250, 123, DateTimeKind.Utc);
            Add("c", "rose").CreatedAt = new DateTime(2026, 1, 3, 0, 0, 0, 0, 400, DateTimeKind.Utc);
            Add("d", "rosemary");
            Add("e", "lily").EndpointCreatedAt = new DateTime(2026, 1, 5, 1, 0, 0, DateTimeKind.Utc);
            Add("f", "rose").CreatedBy = "gardener";
            foreach (var (place, name, status) in new[] { (1, "rose", ResourceStatus.Completed), (2, "Rose", ResourceStatus.Failed), (3, null, ResourceStatus.Completed) })
            {
                var (id, location) = ($"{place}", $"s3://garden/{place}/");
                context.Add(Made(new DataSource { Id = id, DataLocation = location }));
                context.Add(Made(new Evaluation { Id = id, ModelId = $"m-{place % 2}", DataSourceId = id, DataLocation = location }));
                context.Add(Made(new BatchPrediction { Id = id, ModelId = $"m-{place % 2}", DataSourceId = id, DataLocation = location, OutputUri = "s3://garden/out/" }));

                T Made<T>(T row) where T : Resource
                {
                    (row.Name, row.Status, row.CreatedBy) = (name, status, place == 1 ? null : "gardener");
                    row.CreatedAt = row.UpdatedAt = new DateTime(2026, 1, place, 0, 0, 0, 7, 300 * place, DateTimeKind.Utc);
                    return row;
                }
            }
            await context.SaveChangesAsync();

            Model Add(string id, string name, ResourceStatus status = ResourceStatus.Completed)
            {
                var model = new Model
                {
                    Id = id,
                    Name = name,
                    Status = status,
                    Type = id is "a" or "b" or "d" or "f" ? "BINARY" : "REGRESSION",
                    TrainingDataSourceId = "source-1",
                    DataLocation = "s3://garden/flowers.csv",
                    CreatedAt = new DateTime(2026, 1, id[0] - 'a' + 1, 0, 0, 0, DateTimeKind.Utc),
                    UpdatedAt = new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc),
                };
                context.Add(model);
                return model;
            }
        }

        public ValueTask DisposeAsync() => _service.DisposeAsync();
    }
}
