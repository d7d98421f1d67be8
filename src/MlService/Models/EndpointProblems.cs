using MlService.Problems;

namespace MlService.Models;

/// <summary>What the state of a model's real-time endpoint forbids.</summary>
public static class EndpointProblems
{
    /// <summary>Predictions need an open endpoint.</summary>
    public static readonly ProblemKind Closed = new("endpoint-closed", "Endpoint closed", StatusCodes.Status409Conflict);

    /// <summary>A model with an open endpoint cannot be deleted.</summary>
    public static readonly ProblemKind Open = new("endpoint-open", "Endpoint open", StatusCodes.Status409Conflict);
}
