using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace MlService.Storage;

/// <summary>The SDK's clients for one server, configured alike but for one point each.</summary>
internal sealed class S3Clients : IDisposable
{
    private readonly S3Connections _connections;

    public S3Clients(S3Options options)
    {
        _connections = new S3Connections(options.Timeout);
        Retrying = Create(options, options.Endpoint, options.MaxRetries);
        Once = Create(options, options.Endpoint, 0);
        Public = string.IsNullOrWhiteSpace(options.PublicEndpoint) ? Retrying : Create(options, options.PublicEndpoint, 0);
    }

    /// <summary>For all calls that may be repeated blindly.</summary>
    public AmazonS3Client Retrying { get; }

    /// <summary>For calls whose repetition has another outcome: it makes one try.</summary>
    public AmazonS3Client Once { get; }

    /// <summary>For links that clients follow by themselves.</summary>
    public AmazonS3Client Public { get; }

    public void Dispose()
    {
        Public.Dispose();
        Once.Dispose();
        Retrying.Dispose();
        _connections.Dispose();
    }

    private AmazonS3Client Create(S3Options options, string? endpoint, int retries)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.IsPathStyle,
            HttpClientFactory = _connections,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = retries,
            // Checksums of Amazon's newer kinds confuse servers that do not know them, and each body is signed by its SHA-256 anyway.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (string.IsNullOrWhiteSpace(endpoint))
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.SigningRegion);
        }
        else
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = options.SigningRegion;
        }

        return string.IsNullOrWhiteSpace(options.AccessKey)
            ? new AmazonS3Client(config)
            : new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config);
    }
}
