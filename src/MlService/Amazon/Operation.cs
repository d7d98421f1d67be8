using MlService.Metadata;
using static MlService.Amazon.Shapes;

namespace MlService.Amazon;

/// <summary>An operation of the service model 2014-12-12.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Input">What a request says.</param>
/// <param name="Output">What an answer says.</param>
public sealed record Operation(string Name, StructureShape Input, StructureShape Output)
{
    /// <summary>Largest body, in bytes, where there is no SQL: escaped, the longest schema or recipe has fewer.</summary>
    public const int MaxUsualBytes = 2 << 20;

    private static readonly (string, Shape) Tagged = ("ResourceId*", EntityId);
    private static readonly (string, Shape) TaggedType = ("ResourceType*", TaggableResourceType);
    private static readonly StructureShape TaggedOutput = new(("ResourceId", EntityId), ("ResourceType", TaggableResourceType));
    private static readonly StructureShape EndpointOutput = new(("MLModelId", EntityId), ("RealtimeEndpointInfo", RealtimeEndpointInfo));
    private static readonly (string, Shape) Verbose = ("Verbose", Shapes.Boolean);

    /// <summary>All operations by name.</summary>
    public static IReadOnlyDictionary<string, Operation> All { get; } = new Operation[]
    {
        Creates("BatchPrediction", ("BatchPredictionName", EntityName), ("MLModelId*", EntityId), ("BatchPredictionDataSourceId*", EntityId), ("OutputUri*", S3Url)),
        CreatesDataSource("RDS", ("RDSData*", RdsDataSpec), ("RoleARN*", RoleArn)),
        CreatesDataSource("Redshift", ("DataSpec*", RedshiftDataSpec), ("RoleARN*", RoleArn)),
        CreatesDataSource("S3", ("DataSpec*", S3DataSpec)),
        Creates("Evaluation", ("EvaluationName", EntityName), ("MLModelId*", EntityId), ("EvaluationDataSourceId*", EntityId)),
        Creates(
            "MLModel", ("MLModelName", EntityName), ("MLModelType*", ModelType), ("Parameters", TextMap), ("TrainingDataSourceId*", EntityId),
            ("Recipe", Shapes.Recipe), ("RecipeUri", S3Url)),
        Gets("BatchPrediction", GetBatchPrediction),
        Gets("DataSource", GetDataSource, Verbose),
        Gets("Evaluation", GetEvaluation),
        Gets("MLModel", GetMLModel, Verbose),
        Describes("BatchPredictions", BatchPredictionFilter, BatchPrediction),
        Describes("DataSources", DataSourceFilter, DataSource),
        Describes("Evaluations", EvaluationFilter, Evaluation),
        Describes("MLModels", ModelFilter, MLModel),
        OfId("Update", "BatchPrediction", ("BatchPredictionName*", EntityName)),
        OfId("Update", "DataSource", ("DataSourceName*", EntityName)),
        OfId("Update", "Evaluation", ("EvaluationName*", EntityName)),
        OfId("Update", "MLModel", ("MLModelName", EntityName), ("ScoreThreshold", Float)),
        OfId("Delete", "BatchPrediction"),
        OfId("Delete", "DataSource"),
        OfId("Delete", "Evaluation"),
        OfId("Delete", "MLModel"),
        new("AddTags", new StructureShape(("Tags*", TagList), Tagged, TaggedType), TaggedOutput),
        new("DeleteTags", new StructureShape(("TagKeys*", new ListShape(TagKey, 100)), Tagged, TaggedType), TaggedOutput),
        new("DescribeTags", new StructureShape(Tagged, TaggedType),
            new StructureShape(("ResourceId", EntityId), ("ResourceType", TaggableResourceType), ("Tags", TagList))),
        new("CreateRealtimeEndpoint", new StructureShape(("MLModelId*", EntityId)), EndpointOutput),
        new("DeleteRealtimeEndpoint", new StructureShape(("MLModelId*", EntityId)), EndpointOutput),
        new("Predict", new StructureShape(("MLModelId*", EntityId), ("Record*", TextMap), ("PredictEndpoint*", EndpointUrl)),
            new StructureShape(("Prediction", Prediction))),
    }.ToDictionary(operation => operation.Name, StringComparer.Ordinal);

    /// <summary>Largest body, in bytes: SQL may have 16 MiB.</summary>
    public int MaxBodyBytes => Input.Members.Any(member => member.Name == "RoleARN") ? 32 << 20 : MaxUsualBytes;

    /// <summary>The member that has the id of the resource which a call reads, creates or changes; null for lists, which are of many.</summary>
    public string? SubjectMember { get; } =
        Input.Members.FirstOrDefault(member => member.IsRequired && member.Name is "ResourceId")?.Name
        ?? Input.Members.FirstOrDefault(member => member.IsRequired && member.Shape == EntityId)?.Name;

    /// <summary>The resource that a call reads, creates or changes; null for lists.</summary>
    public ResourceKey? Subject(Members input)
    {
        if (SubjectMember is not { } member)
            return null;
        var kind = input.Text("ResourceType") ?? member[..^"Id".Length];
        return new ResourceKey(Enum.GetValues<ResourceKind>().Single(known => known.ToAmazon() == kind), input.Required(member));
    }

    private static Operation Creates(string kind, params (string, Shape)[] members) => OfId("Create", kind, members);

    private static Operation CreatesDataSource(string from, params (string, Shape)[] members) => new(
        $"CreateDataSourceFrom{from}",
        new StructureShape(
            [("DataSourceId*", EntityId), ("DataSourceName", EntityName), .. members, ("ComputeStatistics", Shapes.Boolean)]),
        new StructureShape(("DataSourceId", EntityId)));

    private static Operation Gets(string kind, StructureShape output, params (string, Shape)[] members) =>
        new($"Get{kind}", new StructureShape([($"{kind}Id*", EntityId), .. members]), output);

    private static Operation OfId(string verb, string kind, params (string, Shape)[] members) => new(
        verb + kind, new StructureShape([($"{kind}Id*", EntityId), .. members]), new StructureShape(($"{kind}Id", EntityId)));

    private static Operation Describes(string kinds, Shape variable, Shape item)
    {
        (string, Shape)[] comparators = [.. DescribeQuery.Comparators.Keys.Select(name => (name, ComparatorValue))];
        return new(
            $"Describe{kinds}",
            new StructureShape([("FilterVariable", variable), .. comparators, ("SortOrder", SortOrder), ("NextToken", Text), ("Limit", PageLimit)]),
            new StructureShape(("Results", new ListShape(item)), ("NextToken", Text)));
    }
}
