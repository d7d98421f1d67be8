using MlService.Jobs;
using MlService.Learning;
using MlService.Learning.Models;
using MlService.Learning.Schemas;
using MlService.Storage;

namespace MlService.Models;

/// <summary>A completed model, ready for the jobs that apply it.</summary>
/// <param name="Row">The resource.</param>
/// <param name="Model">What it learned.</param>
/// <param name="Threshold">Score from which on a binary model answers 1, as it was when the job began.</param>
public sealed record TrainedModel(Model Row, ScoringModel Model, double Threshold)
{
    /// <summary>Reads the model that a job depends on.</summary>
    public static async Task<TrainedModel> Load(JobContext context, TrainedModels models, string id)
    {
        await using var metadata = await context.OpenMetadata();
        var row = await metadata.Models.FindAsync([id], context.Cancellation)
            ?? throw new InvalidOperationException($"Model '{id}' has vanished.");
        return new TrainedModel(row, await models.Get(row), row.ScoreThreshold);
    }

    /// <summary>Lets the shards of a job apply the model.</summary>
    public SharedItem<ScoringModel> ShareWith(ShardTeam team) => team.Share("model", Model, Artifacts.Uri(Row, Artifacts.Model));

    /// <summary>Refuses data without the attributes that the model was trained on; columns are matched by name.</summary>
    /// <exception cref="InvalidInputException">Attributes are missing.</exception>
    public void CheckInput(DataSchema schema)
    {
        var missing = MissingInputs(schema);
        if (missing.Count > 0)
            throw new InvalidInputException(
                $"The data has no attribute {string.Join(", ", missing.Take(10).Select(name => $"'{name}'"))}"
                + (missing.Count > 10 ? $" and {missing.Count - 10} more" : "")
                + $", which model '{Row.Id}' was trained on. Use a datasource with the same schema.");
    }

    /// <summary>Inputs of the model that the data does not have.</summary>
    public IReadOnlyList<string> MissingInputs(DataSchema schema) =>
        [.. Inputs(Model.Plan.Schema).Where(name => schema.IndexOf(name) < 0)];

    /// <summary>Inputs of the data that the model does not know.</summary>
    public IReadOnlyList<string> AddedInputs(DataSchema schema) =>
        [.. Inputs(schema).Where(name => Model.Plan.Schema.IndexOf(name) < 0)];

    private static IEnumerable<string> Inputs(DataSchema schema) =>
        schema.Attributes.Where((_, index) => schema.IsInput(index)).Select(attribute => attribute.Name);
}
