using System.Net;
using Amazon.Runtime;
using MlService.Learning;
using MlService.Problems;

namespace MlService.Storage;

/// <summary>Says in our words what a server or the way to it did (Amazon S3 API Reference, "Error responses").</summary>
/// <param name="server">What the server is called.</param>
internal sealed class S3Errors(string server)
{
    /// <summary>What a failed call was about.</summary>
    /// <param name="Uri">Object, or a bucket with an empty key.</param>
    /// <param name="Upload">The upload in parts, if it was one.</param>
    /// <param name="IfMatch">The version that was asked for, if one was.</param>
    public readonly record struct Subject(ObjectUri Uri, MultipartUpload? Upload = null, string? IfMatch = null);

    /// <summary>The server's word for the error; empty if it had none, null if the error is not the server's.</summary>
    public static string? Code(Exception exception) => exception is AmazonServiceException { StatusCode: not 0 } error ? error.ErrorCode ?? "" : null;

    /// <summary>Whether the connection or the server failed, so that the same call may succeed later.</summary>
    public static bool MayPass(Exception exception) => exception switch
    {
        AmazonServiceException { StatusCode: not 0 } error => (int)error.StatusCode >= 500 || error.StatusCode == HttpStatusCode.TooManyRequests,
        AmazonServiceException or HttpRequestException or IOException or TimeoutException or OperationCanceledException => true,
        _ => false,
    };

    /// <summary>Whether there is no such object, or not even its bucket.</summary>
    public static bool IsMissing(Exception exception) => Code(exception) is "NoSuchKey" or "NoSuchBucket" or "NotFound";

    /// <summary>The error to throw instead; null for a bug of ours, which stays as it is.</summary>
    public Exception? Of(Exception exception, Subject subject) => Code(exception) is { } code
        ? OfAnswer(code, (AmazonServiceException)exception, subject)
        : exception switch
        {
            AmazonServiceException or HttpRequestException or IOException => Unavailable($"does not answer: {Innermost(exception).Message}", exception),
            TimeoutException or OperationCanceledException => Unavailable("did not answer in time", exception),
            AmazonClientException => Unavailable($"cannot be called: {exception.Message}", exception),
            _ => null,
        };

    private Exception OfAnswer(string code, AmazonServiceException error, Subject subject)
    {
        var uri = subject.Uri;
        var what = uri.Bucket.Length > 0 ? uri.ToString() : "the list of buckets";
        switch (code)
        {
            case "NoSuchBucket" when uri.Key.Length == 0:
                return ObjectNotFoundException.OfBucket(uri.Bucket);
            case "NoSuchKey" or "NoSuchBucket" or "NotFound":
                return ObjectNotFoundException.Of(uri);
            case "NoSuchUpload" when subject.Upload is { } upload:
                return ObjectNotFoundException.OfUpload(upload);
            case "PreconditionFailed" when subject.IfMatch is { } expected:
                return ObjectChangedException.Of(uri, expected);
            case "InvalidPart" or "InvalidPartOrder":
                return new ProblemException(
                    ProblemKind.Conflict, $"A part of the upload to {uri} is missing or was replaced by another version. Upload it again, and name the newest ETag.",
                    cause: error);
            case "EntityTooSmall":
                return new InvalidInputException(
                    $"A part of the upload to {uri} that is not the last is smaller than {MultipartUpload.MinPartBytes} bytes. "
                    + "Join small parts before they are uploaded.", error);
            // Some servers and proxies fold or refuse these on the way, so that the signature no longer fits.
            case "SignatureDoesNotMatch" or "BadRequest" or "InvalidURI" or "InvalidObjectName" or "KeyTooLongError"
                when code[0] is 'I' or 'K' || uri.Key.Contains('\0', StringComparison.Ordinal) || uri.Key.StartsWith('/'):
                return new InvalidInputException($"The storage does not take the key of {uri}. Give the object another one, without slashes at its beginning.", error);
            case "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "ExpiredToken" or "InvalidToken":
                return Unavailable($"refuses the service's access key ({code}). Set {S3Options.Section}:AccessKey and {S3Options.Section}:SecretKey to a pair that it knows", error);
            case "RequestTimeTooSkewed":
                return Unavailable("finds this machine's clock too far off. Set the clock", error);
            case "AuthorizationHeaderMalformed" or "PermanentRedirect" or "IllegalLocationConstraintException":
                return Unavailable($"keeps {uri} in another region ({error.Message}). Set {S3Options.Section}:Region", error);
            case "BucketAlreadyExists" or "AccessDenied" or "Forbidden":
                return new ProblemException(
                    ProblemKind.Forbidden, $"The storage does not let this service use {what}: its access key may not. "
                    + "Use another bucket, or let the owner of the bucket grant it.", cause: error);
            case "QuotaExceeded" or "InsufficientStorage" or "XMinioStorageFull":
                return new StorageFullException($"The storage has no room left for {uri}. Delete objects that are not needed, or enlarge it.", error);
        }

        return (int)error.StatusCode >= 500 || error.StatusCode == HttpStatusCode.TooManyRequests
            ? Unavailable($"failed ({code}, {(int)error.StatusCode})", error)
            : Unavailable($"refused a request for {what} ({code}, {(int)error.StatusCode}): {error.Message}", error);
    }

    private ProblemException Unavailable(string what, Exception cause) =>
        new(ProblemKind.Unavailable, $"The object storage at {server} {what.TrimEnd('.')}.", cause: cause);

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
            exception = inner;
        return exception;
    }
}
