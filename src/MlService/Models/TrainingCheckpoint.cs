using System.Diagnostics;
using MlService.Jobs;
using MlService.Learning;
using MlService.Learning.Training;
using MlService.Storage;

namespace MlService.Models;

/// <summary>Keeps the state of a long training in object storage, for the attempt that comes after the death of this one.</summary>
internal sealed class TrainingCheckpoint(JobContext context, Trainer trainer)
{
    private readonly ObjectUri _uri = Artifacts.Checkpoint(context.Key);
    private readonly Stopwatch _sinceSaved = Stopwatch.StartNew();
    private bool _isThere;

    /// <summary>Takes up where an earlier attempt was, if the state that it left fits.</summary>
    /// <exception cref="InvalidOperationException">The state is damaged. It is gone now, so the next attempt begins anew.</exception>
    public async Task Restore()
    {
        if (context.Row.Attempt <= 1 || await context.Objects.Head(_uri, context.Cancellation) is null)
            return;
        _isThere = true;
        await using var stored = await context.Objects.OpenRead(_uri, cancellationToken: context.Cancellation);
        try
        {
            await Task.Run(() => trainer.TryRestore(stored), context.Cancellation);
        }
        catch (InvalidInputException exception)
        {
            // The trainer may have taken up half of it, and it is not the fault of the job's owner.
            await Remove();
            throw new InvalidOperationException($"The checkpoint of {context.Key} is damaged.", exception);
        }
    }

    /// <summary>Saves the state if the last time is long enough ago and the trainer stands between two passes.</summary>
    public async Task SaveIfDue()
    {
        if (!trainer.IsBetweenPasses || _sinceSaved.Elapsed.TotalSeconds < context.Options.CheckpointSeconds)
            return;
        using var state = new MemoryStream();
        await Task.Run(() => trainer.SaveCheckpoint(state), context.Cancellation);
        state.Position = 0;
        await context.Objects.Put(_uri, state, state.Length, context.Cancellation);
        _isThere = true;
        _sinceSaved.Restart();
    }

    /// <summary>Removes the state: training is done.</summary>
    public async Task Remove()
    {
        if (_isThere)
            await context.Objects.Delete(_uri, context.Cancellation);
        _isThere = false;
    }
}
