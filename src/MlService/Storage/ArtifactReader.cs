using MlService.Metadata;

namespace MlService.Storage;

/// <summary>Reads what the job of a completed resource left.</summary>
public sealed class ArtifactReader(IObjectStore objects)
{
    /// <summary>Opens what the running attempt of a resource has written so far; null if it has not.</summary>
    public async Task<Stream?> OpenRunning(Resource row, string file, CancellationToken cancellation)
    {
        try
        {
            return await objects.OpenRead(new ObjectUri(Artifacts.Bucket, Artifacts.Prefix(row.Key, row.Attempt) + file), cancellationToken: cancellation);
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Opens one artifact.</summary>
    /// <param name="row">The resource.</param>
    /// <param name="file">The artifact's name, one of <see cref="Artifacts"/>.</param>
    /// <param name="what">What it is, for an error message.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="Problems.ProblemException">The resource is not completed, or was deleted.</exception>
    public async Task<Stream> Open(Resource row, string file, string what, CancellationToken cancellation)
    {
        var name = $"The {row.Kind.ToWords()} {row.Id}";
        if (row.Status != ResourceStatus.Completed || row.Artifacts is null)
            throw ResourceProblems.Conflict(row.Status switch
            {
                ResourceStatus.Deleted => $"{name} was deleted, and its {what} with it.",
                ResourceStatus.Failed => $"{name} failed, so it has no {what}: {row.Message}",
                _ => $"{name} is {row.Status.ToText()}; it has its {what} once it is COMPLETED.",
            });
        return await objects.OpenRead(Artifacts.Uri(row, file), cancellationToken: cancellation);
    }
}
