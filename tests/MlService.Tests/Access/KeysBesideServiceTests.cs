using System.Net;
using System.Text.Json.Nodes;
using MlService.Tests.Amazon;

namespace MlService.Tests.Access;

/// <summary>The key commands beside a service that runs, on every metadata store.</summary>
public abstract class KeysBesideServiceTests(KeysService service)
{
    [Fact]
    public async Task KeysAreMadeListedAndRevokedBesideTheRunningService()
    {
        var (code, made) = await Run("create", "--scope", "read", "--limited-to", "models/m-*", "--name=Made by command");
        Assert.Equal(0, code);
        var key = made.Split("Bearer ")[1].Trim();
        Assert.Equal(HttpStatusCode.NotFound, await service.Status(key, "GET", "/v1/models/m-1"));
        Assert.Equal(HttpStatusCode.Forbidden, await service.Status(key, "GET", "/v1/models/other"));

        var (_, listed) = await Run("list");
        var line = Assert.Single(listed.Split('\n'), line => line.Contains(KeysService.IdOf(key), StringComparison.Ordinal));
        Assert.Contains("Made by command  models/m-*", line, StringComparison.Ordinal);
        Assert.DoesNotContain("used never", line, StringComparison.Ordinal);
        Assert.DoesNotContain(key[(KeysService.IdOf(key).Length + 1)..], listed, StringComparison.Ordinal);

        Assert.Equal(0, (await Run("revoke", KeysService.IdOf(key))).Code);
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (await service.Status(key, "GET", "/v1/models/m-1") != HttpStatusCode.Unauthorized)
            Assert.True(DateTime.UtcNow < deadline, "The service goes on taking a revoked key.");

        var audit = await service.Body(KeysService.First, "GET", "/v1/audit?who=command%20line");
        Assert.Equal(["keys revoke", "keys create"], audit["items"]!.AsArray().Select(item => (string?)item!["action"]));

        Task<(int Code, string Output)> Run(params string[] arguments) => KeysCommandTests.Command(
            service.DataDirectory, service.MasterKey, [.. arguments, .. service.More]);
    }
}

public sealed class KeysBesideSqliteTests(KeysService service) : KeysBesideServiceTests(service), IClassFixture<KeysService>;

public sealed class KeysBesidePostgreSqlTests(PostgreSqlKeysService service)
    : KeysBesideServiceTests(service), IClassFixture<PostgreSqlKeysService>
{
    [Fact]
    public async Task ACopyOfASignedRequestIsRefusedByAnotherProcessToo()
    {
        await using var other = new RunningService { More = [.. service.More, "--Access:Mode=Keys", $"--Access:MasterKey={service.MasterKey}"] };
        await other.InitializeAsync();
        HttpRequestMessage? first = null;
        const string create = """{"DataSourceId": "copied", "DataSpec": {"DataLocationS3": "s3://flowers/none.csv"}}""";
        Assert.Empty(await service.Http.ErrorOf(KeysService.First, "CreateDataSourceFromS3", create, request => first = request));
        Assert.Empty(await Copy());
        await service.MakeSeenSignaturesOlder();
        Assert.Equal("InvalidSignatureException 400", await Copy());

        Task<string> Copy() => other.Client.ErrorOf(KeysService.First, "CreateDataSourceFromS3", create, request =>
        {
            SignedCalls.Repeat(first!, request);
            request.Headers.Host = service.Http.BaseAddress!.Authority;
        });
    }
}
