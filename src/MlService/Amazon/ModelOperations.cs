using MlService.DataSources;
using MlService.Metadata;
using MlService.Models;

namespace MlService.Amazon;

/// <summary>The operations on models.</summary>
internal sealed class ModelOperations : ResourceOperations<Model, NewModel>
{
    private static readonly Dictionary<string, string> FilterFields = new()
    {
        ["TrainingDataSourceId"] = "trainingDatasourceId",
        ["RealtimeEndpointStatus"] = "endpoint",
        ["MLModelType"] = "type",
        ["TrainingDataURI"] = "dataLocation",
    };

    private readonly ModelCatalog _catalog;
    private readonly DataSourceCatalog _sources;

    /// <summary>Creates them.</summary>
    public ModelOperations(ModelCatalog catalog, DataSourceCatalog sources) : base(catalog, FilterFields)
    {
        (_catalog, _sources) = (catalog, sources);
        Creates("CreateMLModel", Read);
    }

    /// <summary>A model's real-time endpoint, as answers tell of it.</summary>
    public static Members Endpoint(Model row, AmazonCall call) => row.EndpointCreatedAt is null
        ? new Members { ["PeakRequestsPerSecond"] = 0L, ["EndpointStatus"] = "NONE" }
        : new Members
        {
            ["PeakRequestsPerSecond"] = (long)EndpointDescription.PeakRate,
            ["CreatedAt"] = row.EndpointCreatedAt,
            // Without a path: half of the clients would drop it. The model's id comes with each request.
            ["EndpointUrl"] = call.BaseAddress,
            ["EndpointStatus"] = "READY",
        };

    /// <inheritdoc/>
    protected override void Show(Model row, AmazonCall call, Members shown)
    {
        shown["TrainingDataSourceId"] = row.TrainingDataSourceId;
        shown["MLModelType"] = row.Type;
        shown["InputDataLocationS3"] = row.DataLocation;
        shown["SizeInBytes"] = row.SizeInBytes;
        shown["TrainingParameters"] = row.Parameters.ToDictionary(pair => pair.Key, pair => Familiar(pair.Key, pair.Value));
        shown["EndpointInfo"] = Endpoint(row, call);
        // The one word that clients know; of models that learned otherwise TrainingParameters tells.
        shown["Algorithm"] = row.Parameters.GetValueOrDefault("algorithm", "sgd") == "sgd" ? "sgd" : null;
        if (row is { Type: "BINARY", SizeInBytes: not null })
        {
            shown["ScoreThreshold"] = row.ScoreThreshold;
            shown["ScoreThresholdLastUpdatedAt"] = row.ScoreThresholdUpdatedAt;
        }
    }

    /// <inheritdoc/>
    protected override async Task ShowWhole(Model row, AmazonCall call, Members shown)
    {
        shown.Remove("Algorithm"); // only lists have it
        if (!call.Input.Flag("Verbose"))
            return;
        shown["Recipe"] = row.Recipe;
        shown["Schema"] = (await _sources.Get(row.TrainingDataSourceId, call.Cancellation)).Row.Schema;
    }

    /// <inheritdoc/>
    protected override Task<Tagged<Model>> Change(string id, AmazonCall call)
    {
        var (name, threshold) = (call.Input.Text(NameName), (double?)call.Input.GetValueOrDefault("ScoreThreshold"));
        return name is not null || threshold is not null
            ? _catalog.Update(id, name, threshold, call.Cancellation)
            : throw new AmazonException(AmazonException.InvalidInput, "Neither MLModelName nor ScoreThreshold is given. Pass at least one of them.");
    }

    // Clients may read Amazon's parameters as the numbers that they were: auto begins with these.
    private static string Familiar(string key, string value) => (key, value) switch
    {
        ("sgd.l1RegularizationAmount", "auto") => "0.0",
        ("sgd.l2RegularizationAmount", "auto") => "1e-6",
        _ => value,
    };

    // Recipes given as empty texts are not given: so the console sent them.
    private static NewModel Read(Members input) => new()
    {
        Id = input.Required("MLModelId"),
        Name = input.Text("MLModelName"),
        Type = input.Required("MLModelType"),
        TrainingDataSourceId = input.Required("TrainingDataSourceId"),
        Recipe = input.Text("Recipe").OrNull(),
        RecipeLocation = input.Text("RecipeUri").OrNull(),
        Parameters = input.Map("Parameters"),
    };
}
