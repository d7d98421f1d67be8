using System.Net;
using MlService.Tests.Metadata;

namespace MlService.Tests.Health;

public class HealthApiTests(QuietService service)
{
    [Fact]
    public async Task AServiceWithoutItsJobEngineLivesButIsNotReadyAndSaysWhichPartIsMissing()
    {
        Assert.Equal(HttpStatusCode.OK, (await service.Get("/health/live")).Status);
        var (status, body) = await service.Get("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal(("ok", "ok"), ((string?)body["parts"]!["metadata"], (string?)body["parts"]!["storage"]));
        Assert.Contains("job engine", (string?)body["parts"]!["jobs"], StringComparison.Ordinal);
    }
}
