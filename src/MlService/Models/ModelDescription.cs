using System.Text.Json;
using System.Text.Json.Serialization;
using MlService.Metadata;

namespace MlService.Models;

/// <summary>What the REST face shows of a model.</summary>
public sealed record ModelDescription : ResourceDescription
{
    /// <summary>Shows a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="baseAddress">Address of the service as the client knows it, without a slash at the end.</param>
    internal ModelDescription(Tagged<Model> model, string baseAddress) : base(model.Row, model.Tags)
    {
        var row = model.Row;
        Type = row.Type;
        TrainingDatasourceId = row.TrainingDataSourceId;
        DataLocation = row.DataLocation;
        Recipe = JsonText.ToElement(row.Recipe);
        RecipeLocation = row.RecipeLocation;
        Parameters = row.Parameters;
        SizeInBytes = row.SizeInBytes;
        if (row is { Type: "BINARY", Status: ResourceStatus.Completed })
            ScoreThreshold = row.ScoreThreshold;
        Endpoint = row.EndpointCreatedAt is null
            ? new EndpointDescription(EndpointStatus.None, null, null, 0)
            : new EndpointDescription(
                EndpointStatus.Ready, $"{baseAddress}/realtime/{row.Id}", row.EndpointCreatedAt, EndpointDescription.PeakRate);
    }

    /// <summary><c>BINARY</c>, <c>MULTICLASS</c> or <c>REGRESSION</c>; absent until known from the target's type.</summary>
    public string? Type { get; init; }

    /// <summary>Datasource that it learns from.</summary>
    public string TrainingDatasourceId { get; init; }

    /// <summary>Location of the training data.</summary>
    public string? DataLocation { get; init; }

    /// <summary>Recipe: as it was given, read or suggested; once it is known.</summary>
    public JsonElement? Recipe { get; init; }

    /// <summary>Object that the recipe came from, if the request named one.</summary>
    public string? RecipeLocation { get; init; }

    /// <summary>Training parameters with the defaults filled in.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary>Size of the model file; once completed.</summary>
    public long? SizeInBytes { get; init; }

    /// <summary>
    /// Where the training log is read, once completed: a link to object storage that needs no key and lasts an hour, or a call of this
    /// service where storage has no address of its own. Absent in events.
    /// </summary>
    public string? LogUri { get; init; }

    /// <summary>A binary model answers 1 where the score is at least this; once completed.</summary>
    public double? ScoreThreshold { get; init; }

    /// <summary>The real-time endpoint.</summary>
    public EndpointDescription Endpoint { get; init; }
}

/// <summary>A model's real-time endpoint.</summary>
/// <param name="Status">Whether it is open.</param>
/// <param name="Url">Where to post records, while it is open.</param>
/// <param name="CreatedAt">When it was opened.</param>
/// <param name="PeakRequestsPerSecond">Requests a second that it is meant for; 0 while it is closed.</param>
public sealed record EndpointDescription(EndpointStatus Status, string? Url, DateTime? CreatedAt, int PeakRequestsPerSecond)
{
    /// <summary>Requests a second that an open endpoint is meant for.</summary>
    public const int PeakRate = 200;
}

/// <summary>Whether a real-time endpoint is open.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EndpointStatus>))]
public enum EndpointStatus
{
    /// <summary>Closed.</summary>
    [JsonStringEnumMemberName("NONE")]
    None,

    /// <summary>Open.</summary>
    [JsonStringEnumMemberName("READY")]
    Ready,
}
