using MlService.Learning;
using MlService.Problems;

namespace MlService.Storage;

/// <summary>Settings of S3-compatible object storage, section <c>Storage:S3</c>. Objects lie there as soon as one of them is set.</summary>
public sealed class S3Options
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Storage:S3";

    /// <summary>Address of the server, such as <c>http://minio:9000</c>; absent: Amazon S3 in <see cref="Region"/>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>
    /// Address under which clients of this service reach the same server; presigned links bear it. Default: <see cref="Endpoint"/>.
    /// </summary>
    public string? PublicEndpoint { get; set; }

    /// <summary>Access key; absent: whatever the machine offers (environment, profile, instance role) in the order of the AWS SDK.</summary>
    public string? AccessKey { get; set; }

    /// <summary>Secret of <see cref="AccessKey"/>.</summary>
    public string? SecretKey { get; set; }

    /// <summary>Region that requests are signed for; <c>us-east-1</c> unless set, which servers without regions expect.</summary>
    public string? Region { get; set; }

    /// <summary>
    /// True names buckets in the path (<c>host/bucket/key</c>), false in the host (<c>bucket.host/key</c>). Default: true with an
    /// <see cref="Endpoint"/> of your own, false on Amazon's.
    /// </summary>
    public bool? ForcePathStyle { get; set; }

    /// <summary>
    /// The bucket that holds what the service makes, which is called <c>mlservice</c> in this service whatever its name on the server;
    /// default <c>mlservice</c>. On Amazon S3 names are the whole world's, so there it needs another one. Each metadata store needs a
    /// bucket of its own: what no resource in it owns is removed from the bucket.
    /// </summary>
    public string ArtifactBucket { get; set; } = BucketName.Reserved;

    /// <summary>Whether a bucket comes into being with its first object, as in a directory; default true.</summary>
    public bool CreateBuckets { get; set; } = true;

    /// <summary>Seconds that one try of a request may take; default 60. A part of an upload has 8 MiB.</summary>
    public double TimeoutSeconds { get; set; } = 60;

    /// <summary>How often a request is tried again after a fault that may pass, with growing pauses; default 4.</summary>
    public int MaxRetries { get; set; } = 4;

    /// <summary>Reads the section; null if it is absent, and objects lie in the data directory.</summary>
    /// <exception cref="InvalidInputException">The settings do not fit together.</exception>
    public static S3Options? Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        if (!section.GetChildren().Any(setting => !string.IsNullOrWhiteSpace(setting.Value)))
            return null;
        S3Options options;
        try
        {
            options = section.Get<S3Options>()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidInputException($"{exception.Message} Correct the setting or leave it out.", exception);
        }

        options.Check();
        return options;
    }

    /// <summary>What the server is called in messages.</summary>
    internal string Server => string.IsNullOrWhiteSpace(Endpoint) ? $"Amazon S3 in {SigningRegion}" : Endpoint;

    internal string SigningRegion => string.IsNullOrWhiteSpace(Region) ? "us-east-1" : Region;

    internal bool IsPathStyle => ForcePathStyle ?? !string.IsNullOrWhiteSpace(Endpoint);

    internal TimeSpan Timeout => TimeSpan.FromSeconds(TimeoutSeconds);

    /// <summary>What a bucket is called on the server.</summary>
    /// <exception cref="ProblemException">It is the service's own, under a name that it does not have here.</exception>
    internal string Physical(string bucket) => bucket switch
    {
        BucketName.Reserved => ArtifactBucket,
        _ when bucket == ArtifactBucket => throw new ProblemException(
            ProblemKind.Forbidden, $"The bucket '{bucket}' holds what the service makes. It is called '{BucketName.Reserved}' here, and is read-only."),
        _ => bucket,
    };

    private void Check()
    {
        if (BucketName.Error(ArtifactBucket) is { } error)
            throw new InvalidInputException($"{Section}:ArtifactBucket is not the name of a bucket. {error}");
        if (string.IsNullOrWhiteSpace(Endpoint) && string.IsNullOrWhiteSpace(Region))
            throw new InvalidInputException(
                $"{Section} has neither Endpoint nor Region. Set {Section}:Endpoint to the server's address, or {Section}:Region for Amazon S3.");
        CheckAddress(nameof(Endpoint), Endpoint);
        CheckAddress(nameof(PublicEndpoint), PublicEndpoint);
        if (string.IsNullOrWhiteSpace(AccessKey) != string.IsNullOrWhiteSpace(SecretKey))
            throw new InvalidInputException($"{Section}:AccessKey and {Section}:SecretKey go together: one is set, the other is not.");
        if (!(TimeoutSeconds is >= 0.1 and <= 3600))
            throw new InvalidInputException($"{Section}:TimeoutSeconds is {TimeoutSeconds}; it must be from 0.1 to 3600.");
        if (MaxRetries is < 0 or > 20)
            throw new InvalidInputException($"{Section}:MaxRetries is {MaxRetries}; it must be from 0 to 20.");
    }

    private static void CheckAddress(string setting, string? address)
    {
        if (string.IsNullOrWhiteSpace(address))
            return;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0
            || uri.AbsolutePath != "/" || uri.Query.Length > 0)
            throw new InvalidInputException(
                $"{Section}:{setting} is not the address of a server. Write it as http://host:port or https://host, without a path; "
                + $"keys belong into {Section}:AccessKey and {Section}:SecretKey.");
    }
}
