using MlService.Jobs;
using MlService.Storage;

namespace MlService.BatchPredictions;

/// <summary>
/// Uploads of results, which another attempt may drop: a later one, to keep this one from publishing, or an earlier one that came back from
/// the dead and does not know yet that it is over. Neither is the input's fault: the job begins anew.
/// </summary>
internal static class ResultUploads
{
    /// <summary>Uploads one part.</summary>
    /// <exception cref="AttemptInterruptedException">The upload was dropped.</exception>
    public static Task<UploadedPart> Part(IObjectStore objects, MultipartUpload upload, int number, Stream content, CancellationToken cancellation) =>
        UnlessDropped(() => objects.UploadPart(upload, number, content, cancellation));

    /// <summary>Publishes the result.</summary>
    /// <exception cref="AttemptInterruptedException">The upload was dropped.</exception>
    public static Task Complete(IObjectStore objects, MultipartUpload upload, IReadOnlyList<UploadedPart> parts, CancellationToken cancellation) =>
        UnlessDropped(() => objects.CompleteUpload(upload, parts, cancellation));

    private static async Task<T> UnlessDropped<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (ObjectNotFoundException dropped)
        {
            throw new AttemptInterruptedException(dropped.Message);
        }
    }
}
