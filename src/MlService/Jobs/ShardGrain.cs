using System.Diagnostics;
using MlService.Storage;
using Microsoft.Extensions.Options;

namespace MlService.Jobs;

/// <inheritdoc cref="IShardGrain"/>
[Orleans.Placement.PreferLocalPlacement]
public sealed class ShardGrain(
    IObjectStore objects,
    DataDirectory directory,
    ShardExchange exchange,
    IOptions<JobsOptions> options,
    ILogger<ShardGrain> logger) : Grain, IShardGrain, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private ShardScope? _scope;
    private Task? _step;
    private ShardState _state = new(0, 0, 0, 0, IsDone: true, 0, null, null, false);

    /// <inheritdoc/>
    public Task Begin(ShardStep work, int number)
    {
        if (!_state.IsDone)
            throw new InvalidOperationException($"Shard {this.GetPrimaryKeyString()} is still busy.");
        if (_state.Step != number - 1)
            throw new InvalidOperationException($"Shard {this.GetPrimaryKeyString()} has done {_state.Step} steps and cannot go on with number {number}.");
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        var scope = new ShardScope(objects, directory, options.Value, _stop.Token) { Kept = _scope?.Kept };
        _scope = scope;
        _state = _state with { Step = number, Version = _state.Version + 1, Rows = 0, Bytes = 0, IsDone = false, InputError = null, Fault = null };
        _step = Run(work, scope);
        return Task.CompletedTask;
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
        await _stop.CancelAsync();
        if (_step is { } step)
            await step;
        if (_scope is { } scope)
        {
            (scope.Kept as IDisposable)?.Dispose();
            scope.Kept = null;
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
    private async Task Run(ShardStep step, ShardScope scope)
    {
        var key = this.GetPrimaryKeyString();
        var watch = Stopwatch.StartNew();
        string? inputError = null, fault = null;
        var isInterruption = false;
        try
        {
            var result = await Task.Factory.StartNew(
                () => step.Execute(scope), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (result is not null)
                exchange.Put(key, result);
        }
        catch (Exception exception) when (InputFault.Of(exception) is { } reason)
        {
            inputError = reason;
        }
        catch (OperationCanceledException)
        {
            fault = "stopped";
        }
        catch (Exception exception)
        {
            // Whatever it was, the job must hear of it and decide; the whole story goes into the log here.
            JobLog.ShardFaulted(logger, exception, key, step.GetType().Name);
            fault = exception.Message;
            isInterruption = Interruption.Is(exception);
        }

        _state = new ShardState(
            _state.Step, _state.Version + 1, scope.Rows, scope.Bytes, IsDone: true, watch.ElapsedMilliseconds, inputError, fault, isInterruption);
    }
}
