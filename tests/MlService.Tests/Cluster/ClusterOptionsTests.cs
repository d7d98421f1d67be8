using MlService.Jobs;
using MlService.Learning;

namespace MlService.Tests.Cluster;

public class ClusterOptionsTests
{
    private const string Server = "ConnectionStrings:Metadata=Host=db";
    private const string Objects = "Storage:S3:Endpoint=http://minio:9000";

    [Theory]
    [InlineData("Cluster:Mode", "Cluster:Mode=Redis")]
    [InlineData("ConnectionStrings:Metadata", "Cluster:Mode=PostgreSql")]
    [InlineData("Storage:S3:Endpoint", "Cluster:Mode=PostgreSql", Server)]
    [InlineData("Cluster:AdvertisedAddress", "Cluster:Mode=PostgreSql", Server, Objects, "Cluster:AdvertisedAddress=my-host")]
    [InlineData("Cluster:SiloPort", "Cluster:Mode=PostgreSql", Server, Objects, "Cluster:SiloPort=70000")]
    [InlineData("ConnectionStrings:Metadata", "Cluster:Mode=PostgreSql", "ConnectionStrings:Metadata=nonsense")]
    public void EachErrorNamesItsSetting(string setting, params string[] settings)
    {
        var error = Assert.Throws<InvalidInputException>(() => ClusterOptions.Read(Of(settings)));
        Assert.Contains(setting, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProcessRole.All)]
    [InlineData(ProcessRole.Api, "Role=api", "Cluster:Mode=PostgreSql", Server, Objects)]
    [InlineData(ProcessRole.Worker, "Role=Worker", "Cluster:Mode=PostgreSql", Server, Objects)]
    public void ARoleIsReadFromTheConfiguration(ProcessRole expected, params string[] settings) =>
        Assert.Equal(expected, ClusterOptions.RoleOf(Of(settings)));

    [Theory]
    [InlineData("Role=Master")]
    [InlineData("Role=1")]
    [InlineData("Role=Worker")]
    public void ARoleThatNobodyCouldFillIsRefused(params string[] settings)
    {
        var error = Assert.Throws<InvalidInputException>(() => ClusterOptions.RoleOf(Of(settings)));
        Assert.StartsWith("Role is", error.Message, StringComparison.Ordinal);
    }

    private static IConfiguration Of(string[] settings) => new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting =>
    {
        var name = setting[..setting.IndexOf('=', StringComparison.Ordinal)];
        return KeyValuePair.Create(name, (string?)setting[(name.Length + 1)..]);
    })).Build();
}
