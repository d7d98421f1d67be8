using Microsoft.Extensions.Caching.Memory;
using MlService.Learning.Models;
using MlService.Storage;

namespace MlService.Models;

/// <summary>
/// Trained models in memory: loaded when first asked for, shared by real-time endpoints, evaluations and batch predictions, and
/// dropped when nobody has asked for a while.
/// </summary>
public sealed class TrainedModels : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly IObjectStore _objects;
    private readonly MemoryCache _models = new(new MemoryCacheOptions());
    private readonly ITimer _sweep;

    /// <summary>Begins with none in memory.</summary>
    public TrainedModels(IObjectStore objects, TimeProvider time)
    {
        _objects = objects;
        // The cache by itself drops what is idle only while it is asked for other things.
        _sweep = time.CreateTimer(_ => _models.Compact(0), null, SweepInterval, SweepInterval);
    }

    /// <summary>The trained model of a completed resource, to score with.</summary>
    /// <exception cref="Learning.InvalidInputException">The model file is damaged.</exception>
    public Task<ScoringModel> Get(Model row) => Get(row, ScoringModel.Load);

    /// <summary>The trained model of a completed resource with all that it learned, to look into it.</summary>
    /// <exception cref="Learning.InvalidInputException">The model file is damaged.</exception>
    public Task<LearnedModel> GetWhole(Model row) => Get(row, LearnedModel.Load);

    /// <inheritdoc/>
    public void Dispose()
    {
        _sweep.Dispose();
        _models.Dispose();
    }

    private async Task<T> Get<T>(Model row, Func<Stream, T> load)
    {
        var uri = Artifacts.Uri(row, Artifacts.Model);
        var key = (uri, typeof(T));
        // The lazy task makes callers who come at once load it once. Several may wait for it, so none of them can cancel it.
        var loading = _models.GetOrCreate(key, entry =>
        {
            entry.SlidingExpiration = Idle;
            return new Lazy<Task<T>>(() => Load(uri, load));
        })!;
        try
        {
            return await loading.Value;
        }
        catch
        {
            _models.Remove(key);
            throw;
        }
    }

    private async Task<T> Load<T>(ObjectUri uri, Func<Stream, T> load)
    {
        await using var stream = await _objects.OpenRead(uri);
        return await Task.Run(() => load(stream));
    }
}
