using MlService.Storage;

[assembly: AssemblyFixture(typeof(MlService.Tests.Storage.S3Server))]

namespace MlService.Tests.Storage;

/// <summary>
/// The S3 server that all tests of this run share: the one that <c>MLSERVICE_TEST_S3</c> names as <c>endpoint;key;secret</c>, or
/// else a Ceph gateway, started when the first test asks for it.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    private const string Given = "MLSERVICE_TEST_S3";

    private readonly SemaphoreSlim _starting = new(1);
    private CephGateway? _gateway;

    /// <summary>How to reach the server; without one the test is skipped, and says why.</summary>
    public async Task<S3Options> Options()
    {
        if (Environment.GetEnvironmentVariable(Given) is { Length: > 0 } given)
        {
            if (given.Split(';') is not [var endpoint, var key, var secret])
                throw new InvalidOperationException($"{Given} is not endpoint;key;secret.");
            return new S3Options { Endpoint = endpoint, AccessKey = key, SecretKey = secret, ForcePathStyle = true };
        }

        await _starting.WaitAsync();
        try
        {
            return (_gateway ??= await CephGateway.Start()).Options;
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is { } gateway)
            await gateway.DisposeAsync();
        _starting.Dispose();
    }
}

internal static class S3Settings
{
    /// <summary>Arguments that make a service keep its objects on the server.</summary>
    public static string[] ToArguments(this S3Options options) =>
    [
        $"--Storage:S3:Endpoint={options.Endpoint}", $"--Storage:S3:AccessKey={options.AccessKey}", $"--Storage:S3:SecretKey={options.SecretKey}",
        $"--Storage:S3:ForcePathStyle={options.ForcePathStyle}", $"--Storage:S3:ArtifactBucket={options.ArtifactBucket}",
        $"--Storage:S3:MaxRetries={options.MaxRetries}",
    ];

    public static S3Options With(this S3Options options, Action<S3Options> change)
    {
        var copy = new S3Options
        {
            Endpoint = options.Endpoint,
            AccessKey = options.AccessKey,
            SecretKey = options.SecretKey,
            ForcePathStyle = options.ForcePathStyle,
            ArtifactBucket = options.ArtifactBucket,
            MaxRetries = options.MaxRetries,
        };
        change(copy);
        return copy;
    }
}
