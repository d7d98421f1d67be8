using MlService.Access;
using MlService.BatchPredictions;
using MlService.Databases;
using MlService.DataSources;
using MlService.Evaluations;
using MlService.Events;
using MlService.Health;
using MlService.Metadata;
using MlService.Models;
using MlService.Schemas;
using MlService.Storage;
using MlService.Tags;
using MlService.Training;

namespace MlService;

/// <summary>Registers and maps what the REST face has of resources.</summary>
public static class ResourcesSetup
{
    /// <summary>Adds the catalogs of all kinds of resource, their tags, events and health.</summary>
    public static IServiceCollection AddResources(this IServiceCollection services)
    {
        services.AddSingleton<CurrentCaller>();
        services.AddDatabases();
        services.AddCatalog<DataSource, NewDataSource, DataSourceCatalog>();
        services.AddCatalog<Model, NewModel, ModelCatalog>();
        services.AddCatalog<Evaluation, NewEvaluation, EvaluationCatalog>();
        services.AddCatalog<BatchPrediction, NewBatchPrediction, BatchPredictionCatalog>();
        services.AddSingleton<TagCatalog>();
        services.AddSingleton<ArtifactReader>();
        services.AddSingleton<OnnxFile>();
        services.AddSingleton<DataPreview>();
        services.AddSingleton<DefaultPath>();
        services.AddSingleton<ResourceEvents>();
        services.AddHealth();
        return services;
    }

    /// <summary>Maps the REST calls of resources, and health.</summary>
    public static IEndpointRouteBuilder MapResources(this IEndpointRouteBuilder routes)
    {
        routes.MapSchemas();
        routes.MapTrain();
        routes.MapDataSources();
        routes.MapModels();
        routes.MapEvaluations();
        routes.MapBatchPredictions();
        routes.MapEvents();
        return routes;
    }

    private static void AddCatalog<T, TNew, TCatalog>(this IServiceCollection services)
        where T : Resource
        where TNew : NewResource
        where TCatalog : ResourceCatalog<T, TNew>
    {
        services.AddSingleton<TCatalog>();
        services.AddSingleton<ResourceCatalog<T, TNew>>(provider => provider.GetRequiredService<TCatalog>());
    }
}
