using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.Jobs;

/// <inheritdoc cref="IShardGrain"/>
[WorkerPlacement]
public sealed class ShardGrain(
    IObjectStore objects,
    DataDirectory directory,
    ShardExchange exchange,
    IDbContextFactory<MetadataContext> metadata,
    ILocalSiloDetails here,
    RunningJobs running,
    IOptions<JobsOptions> options,
    ILogger<ShardGrain> logger) : Grain, IShardGrain, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    // How long a shard outlives its job at most, when the job's process is killed.
    private static readonly TimeSpan JobCheck = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(running.Stopping);
    private ShardScope? _scope;
    private Task? _step;
    private IGrainTimer? _check;
    private ShardState _state = new(0, 0, 0, 0, IsDone: true, 0, null, null, false, null);

    private ShardKey Key => ShardKey.Parse(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public Task<bool> Begin(ShardStep work, int number, SiloAddress home)
    {
        if (!_state.IsDone)
            throw new InvalidOperationException($"Shard {Key} is still busy.");
        if (_state.Step != number - 1)
            return Task.FromResult(false);
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        var isHome = home.Equals(here.SiloAddress);
        if (!isHome)
            _check ??= this.RegisterGrainTimer(EndWithTheJob, new GrainTimerCreationOptions(JobCheck, JobCheck) { Interleave = true });
        var scope = new ShardScope(Key.Attempt, objects, exchange, directory, options.Value, _stop.Token) { Kept = _scope?.Kept };
        _scope = scope;
        _state = new ShardState(number, _state.Version + 1, 0, 0, IsDone: false, 0, null, null, false, null);
        _step = Run(work, scope, isHome);
        return Task.FromResult(true);
    }

    /// <inheritdoc/>
    public async Task<ShardState> Watch(long seen)
    {
        if (_state.Version == seen && _step is { IsCompleted: false } step)
        {
            await Task.WhenAny(step, Task.Delay(Tick));
            if (!_state.IsDone && _scope is { } scope && (scope.Rows != _state.Rows || scope.Bytes != _state.Bytes))
                _state = _state with { Version = _state.Version + 1, Rows = scope.Rows, Bytes = scope.Bytes };
        }

        return _state;
    }

    /// <inheritdoc/>
    public async Task Release()
    {
        _check?.Dispose();
        await _stop.CancelAsync();
        if (_step is { } step)
            await step;
        if (_scope is { } scope)
        {
            (scope.Kept as IDisposable)?.Dispose();
            scope.Kept = null;
        }

        if (_check is not null)
        {
            // In the job's own process there are results of others; the job clears them.
            exchange.Clear(Key.Attempt);
        }

        DeactivateOnIdle();
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Release();
        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    /// <summary>Runs a step on a thread of its own; afterwards, on the grain's scheduler, notes how it ended. Never throws.</summary>
    private async Task Run(ShardStep step, ShardScope scope, bool isHome)
    {
        var watch = Stopwatch.StartNew();
        string? inputError = null, fault = null;
        var isInterruption = false;
        Parcel? parcel = null;
        try
        {
            var result = await Task.Factory.StartNew(
                () => step.Run(scope), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (isHome)
                exchange.Put(Key.ToString(), result);
            else
                parcel = await exchange.Pack(Key.Attempt, Key.Name, stream => step.WriteResult(result, stream), _stop.Token);
        }
        catch (Exception exception) when (InputFault.Of(exception) is { } reason)
        {
            inputError = reason;
        }
        catch (OperationCanceledException)
        {
            (fault, isInterruption) = ("stopped", true);
        }
        catch (Exception exception)
        {
            // Whatever it was, the job must hear of it and decide; the whole story goes into the log here.
            JobLog.ShardFaulted(logger, exception, Key, step.GetType().Name);
            fault = exception.Message;
            isInterruption = Interruption.Is(exception);
        }

        _state = new ShardState(
            _state.Step, _state.Version + 1, scope.Rows, scope.Bytes, IsDone: true, watch.ElapsedMilliseconds, inputError, fault, isInterruption, parcel);
    }

    /// <summary>Nobody tells a shard that the process of its job was killed: the row does.</summary>
    private async Task EndWithTheJob(CancellationToken cancellation)
    {
        try
        {
            await using var context = await metadata.CreateDbContextAsync(cancellation);
            if (await Rows.IsRunning(context, Key.Job, Key.Number, cancellation))
                return;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            JobLog.JobCheckFailed(logger, exception, Key);
            return;
        }

        JobLog.ShardOrphaned(logger, Key);
        await Release();
    }
}

/// <summary>Names a shard: <c>{kind}/{id}/{attempt}/{name}</c>; its attempt's artifacts have the same beginning.</summary>
internal sealed record ShardKey(ResourceKey Job, int Number, string Name)
{
    /// <summary>Prefix of the attempt's artifacts.</summary>
    public string Attempt => Artifacts.Prefix(Job, Number);

    public static ShardKey Parse(string text)
    {
        var owner = Artifacts.Owner(text) ?? throw new FormatException($"'{text}' names no shard.");
        return new ShardKey(owner.Key, owner.Attempt!.Value, text[owner.Prefix.Length..]);
    }

    public override string ToString() => Attempt + Name;
}
