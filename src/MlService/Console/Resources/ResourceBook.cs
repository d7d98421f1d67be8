using MlService.BatchPredictions;
using MlService.DataSources;
using MlService.Evaluations;
using MlService.Metadata;
using MlService.Models;

namespace MlService.Console.Resources;

/// <summary>The resources of all kinds, as one book: lists across the kinds, merged as they are read, never all at once.</summary>
public sealed class ResourceBook(
    DataSourceCatalog sources, ModelCatalog models, EvaluationCatalog evaluations, BatchPredictionCatalog predictions)
{
    private const int MostRunning = 50;

    /// <summary>A page of one kind.</summary>
    public Task<ResourcePage<Tagged<Resource>>> List(ResourceKind kind, ResourceQuery query, CancellationToken cancellation) => kind switch
    {
        ResourceKind.DataSource => List(sources, query, cancellation),
        ResourceKind.Model => List(models, query, cancellation),
        ResourceKind.Evaluation => List(evaluations, query, cancellation),
        _ => List(predictions, query, cancellation),
    };

    /// <summary>How many there are of one kind, by status.</summary>
    public Task<IReadOnlyDictionary<ResourceStatus, int>> Count(ResourceKind kind, CancellationToken cancellation) => kind switch
    {
        ResourceKind.DataSource => sources.Count(cancellation),
        ResourceKind.Model => models.Count(cancellation),
        ResourceKind.Evaluation => evaluations.Count(cancellation),
        _ => predictions.Count(cancellation),
    };

    /// <summary>What runs or waits now.</summary>
    public async Task<IReadOnlyList<Tagged<Resource>>> Running(CancellationToken cancellation)
    {
        List<Tagged<Resource>> running = [];
        foreach (var kind in Enum.GetValues<ResourceKind>())
        {
            foreach (var status in (string[])["INPROGRESS", "PENDING"])
            {
                var query = new ResourceQuery { Filters = [new ResourceFilter("status", Comparator.Eq, status)], Limit = MostRunning };
                running.AddRange((await List(kind, query, cancellation)).Items);
            }
        }
        return running;
    }

    /// <summary>Deletes a resource.</summary>
    public async Task<Resource> Delete(ResourceKey key, CancellationToken cancellation) => key.Kind switch
    {
        ResourceKind.DataSource => (await sources.Delete(key.Id, cancellation)).Row,
        ResourceKind.Model => (await models.Delete(key.Id, cancellation)).Row,
        ResourceKind.Evaluation => (await evaluations.Delete(key.Id, cancellation)).Row,
        _ => (await predictions.Delete(key.Id, cancellation)).Row,
    };

    /// <summary>Asks a job to stop.</summary>
    public async Task<Resource> Cancel(ResourceKey key, CancellationToken cancellation) => key.Kind switch
    {
        ResourceKind.DataSource => (await sources.Cancel(key.Id, cancellation)).Row,
        ResourceKind.Model => (await models.Cancel(key.Id, cancellation)).Row,
        ResourceKind.Evaluation => (await evaluations.Cancel(key.Id, cancellation)).Row,
        _ => (await predictions.Cancel(key.Id, cancellation)).Row,
    };

    /// <summary>Renames a resource.</summary>
    public async Task<Resource> Rename(ResourceKey key, string name, CancellationToken cancellation) => key.Kind switch
    {
        ResourceKind.DataSource => (await sources.Rename(key.Id, name, cancellation)).Row,
        ResourceKind.Model => (await models.Rename(key.Id, name, cancellation)).Row,
        ResourceKind.Evaluation => (await evaluations.Rename(key.Id, name, cancellation)).Row,
        _ => (await predictions.Rename(key.Id, name, cancellation)).Row,
    };

    private static async Task<ResourcePage<Tagged<Resource>>> List<T, TNew>(
        ResourceCatalog<T, TNew> catalog, ResourceQuery query, CancellationToken cancellation)
        where T : Resource
        where TNew : NewResource
    {
        var page = await catalog.List(query, cancellation);
        return new ResourcePage<Tagged<Resource>>([.. page.Items.Select(item => new Tagged<Resource>(item.Row, item.Tags))], page.NextCursor);
    }
}
