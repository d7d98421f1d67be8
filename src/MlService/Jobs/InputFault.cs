using MlService.Learning;
using MlService.Problems;
using MlService.Storage;

namespace MlService.Jobs;

/// <summary>Tells errors that trying again would only repeat from faults that may pass.</summary>
internal static class InputFault
{
    /// <summary>What to tell the owner of the resource, if the input, or the room in the store, is to blame; null for a fault of ours.</summary>
    public static string? Of(Exception exception) => exception switch
    {
        InvalidInputException wrong => wrong.Message,
        ProblemException problem when problem.Kind.Status < 500 || problem.Kind == ProblemKind.StorageFull => problem.Message,
        IOException full when DiskSpace.IsExhausted(full) => $"The disk of Data:Directory is full. {DiskSpace.Remedy}",
        // A step waits for what is asynchronous on a thread of its own, and then gets errors wrapped.
        AggregateException { InnerException: { } inner } => Of(inner),
        _ => null,
    };
}
