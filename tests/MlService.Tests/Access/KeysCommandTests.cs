using System.Net;
using System.Security.Cryptography;
using MlService.Access;
using MlService.Learning;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.Tests.Access;

/// <summary>The commands that make, list and revoke keys, and what they leave for a service that starts after them.</summary>
public sealed class KeysCommandTests(KeysService service) : IClassFixture<KeysService>, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlservice-command-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task AKeyMadeBeforeTheServiceStartsOpensItAndAnotherMasterKeyDoesNot()
    {
        Assert.Equal(0, (await Command(_directory, service.MasterKey, "create", "--scope", "admin")).Code);
        await using (var same = Build(service.MasterKey))
            await same.Services.PrepareAccess(Cancellation);
        var other = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await using (var stranger = Build(other))
        {
            var error = await Assert.ThrowsAsync<InvalidInputException>(() => ServiceApplication.Start(stranger, Cancellation));
            Assert.Contains("master key is not the one", error.Message, StringComparison.Ordinal);
        }
        var (code, output) = await Command(_directory, other, "create", "--scope", "admin");
        Assert.Equal(1, code);
        Assert.Contains("master key is not the one", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFirstKeyThatWasRevokedStaysRevoked()
    {
        string[] first = [$"--Access:FirstKey:Id={KeysService.FirstId}", $"--Access:FirstKey:Secret={KeysService.FirstSecret}"];
        await using (var app = Build(service.MasterKey, first))
        {
            await app.Services.MigrateMetadata(Cancellation);
            await app.Services.PrepareAccess(Cancellation);
            await app.Services.GetRequiredService<AccessKeys>().Revoke(KeysService.FirstId, Cancellation);
        }
        await using var again = Build(service.MasterKey, first);
        await again.Services.PrepareAccess(Cancellation);
        var key = Assert.Single((await again.Services.GetRequiredService<AccessKeys>().List(100, null, Cancellation)).Items);
        Assert.NotNull(key.RevokedAt);
        Assert.False(await again.Services.GetRequiredService<AccessKeys>().HasAdmin(Cancellation));
    }

    [Theory]
    [InlineData("short", "long-enough-to-be-a-secret")]
    [InlineData("with:colon", "long-enough-to-be-a-secret")]
    [InlineData("good-id-1", "too-short")]
    [InlineData("good-id-1", "has white space in it, and so cannot be")]
    [InlineData("good-id-1", null)]
    [InlineData(null, "long-enough-to-be-a-secret")]
    public async Task AFirstKeyThatCannotBeIsRefusedAtStart(string? id, string? secret)
    {
        await using var store = await KeyStore.Create();
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => store.Keys.AddFirst(new FirstKeyOptions { Id = id, Secret = secret }, Cancellation));
        Assert.Contains("Access:FirstKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAMasterKeyTheServiceDoesNotStart()
    {
        var error = Assert.Throws<InvalidInputException>(() => Build(""));
        Assert.Contains("Access:MasterKey", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(2, "create")]
    [InlineData(2, "revoke")]
    [InlineData(2, "destroy")]
    [InlineData(1, "create", "--scope", "root")]
    [InlineData(1, "create", "--scope")]
    [InlineData(1, "create", "--scope", "read", "--limited-to", "everything")]
    [InlineData(1, "revoke", "nobodys-key")]
    public async Task ACommandThatCannotBeDoneSaysWhy(int code, params string[] arguments)
    {
        var (actual, output) = await Command(_directory, service.MasterKey, arguments);
        Assert.Equal(code, actual);
        Assert.NotEmpty(output);
    }

    [Fact]
    public async Task InLocalModeKeysCanBeMadeAheadIfThereIsAMasterKey()
    {
        var (code, output) = await Command(_directory, "", "create", "--scope", "read");
        Assert.Equal(1, code);
        Assert.Contains("Access keys need a master key", output, StringComparison.Ordinal);
    }

    private WebApplication Build(string masterKey, params string[] more)
    {
        var app = ServiceApplication.Build(
        [
            $"--Data:Directory={_directory}", "--urls=http://127.0.0.1:0", "--Access:Mode=Keys", $"--Access:MasterKey={masterKey}",
            "--Serilog:MinimumLevel:Default=Fatal", .. more,
        ]);
        // What the application has made it also disposes of: here, the directory's lock.
        app.Services.GetRequiredService<DataDirectory>();
        return app;
    }

    internal static async Task<(int Code, string Output)> Command(string directory, string masterKey, params string[] arguments)
    {
        using var output = new StringWriter();
        var code = await KeysCommand.Run(["keys", .. arguments, $"--Data:Directory={directory}", $"--Access:MasterKey={masterKey}"], output, output, Cancellation);
        return (code, output.ToString());
    }
}
