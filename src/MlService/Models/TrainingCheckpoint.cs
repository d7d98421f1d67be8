using System.Diagnostics;
using System.Globalization;
using MlService.Jobs;
using MlService.Learning;
using MlService.Learning.Training;
using MlService.Problems;
using MlService.Storage;

namespace MlService.Models;

/// <summary>
/// Keeps the state of a long training in object storage, for the attempt that comes after the death of this one. It fits as many
/// learning shards as it was made with, which the cluster of the next attempt might not choose; so the number is in its name.
/// </summary>
internal sealed class TrainingCheckpoint
{
    private readonly JobContext _context;
    private readonly Trainer _trainer;
    private readonly Stopwatch _sinceSaved = Stopwatch.StartNew();
    private ObjectUri? _stored;
    private int _learners;

    private TrainingCheckpoint(JobContext context, Trainer trainer) => (_context, _trainer) = (context, trainer);

    /// <summary>Number of learning shards that the stored state fits; null if there is none.</summary>
    public int? Learners { get; private init; }

    /// <summary>Looks for the state that an earlier attempt left.</summary>
    public static async Task<TrainingCheckpoint> Find(JobContext context, Trainer trainer)
    {
        if (context.Row.Attempt <= 1)
            return new TrainingCheckpoint(context, trainer);
        var prefix = Artifacts.Checkpoint(context.Key);
        await foreach (var item in context.Objects.List(prefix.Bucket, prefix.Key, null, context.Cancellation))
            if (int.TryParse(Path.GetFileNameWithoutExtension(item.Uri.Key), NumberStyles.None, CultureInfo.InvariantCulture, out var learners) && learners > 0)
                return new TrainingCheckpoint(context, trainer) { Learners = learners, _stored = item.Uri };
        return new TrainingCheckpoint(context, trainer);
    }

    /// <summary>Takes up where the earlier attempt was, if the state that it left fits.</summary>
    /// <param name="learners">Number of learning shards of this attempt.</param>
    /// <exception cref="InvalidOperationException">The state is damaged. It is gone now, so the next attempt begins anew.</exception>
    /// <exception cref="AttemptInterruptedException">An earlier attempt came back from the dead, and has removed or replaced the state.</exception>
    public async Task Restore(int learners)
    {
        _learners = learners;
        if (_stored is not { } uri)
            return;
        try
        {
            // As a whole, so that the trainer takes up all of one state or nothing.
            using var state = new MemoryStream();
            await using (var stored = await _context.Objects.OpenRead(uri, cancellationToken: _context.Cancellation))
                await stored.CopyToAsync(state, _context.Cancellation);
            state.Position = 0;
            await Task.Run(() => _trainer.TryRestore(state), _context.Cancellation);
        }
        catch (ProblemException changed) when (changed is ObjectNotFoundException or ObjectChangedException)
        {
            throw new AttemptInterruptedException($"The checkpoint of {_context.Key} is another one than it was when the attempt began. {changed.Message}");
        }
        catch (InvalidInputException exception)
        {
            // The trainer may have taken up half of it, and it is not the fault of the job's owner.
            await Remove();
            throw new InvalidOperationException($"The checkpoint of {_context.Key} is damaged.", exception);
        }
    }

    /// <summary>Saves the state if the last time is long enough ago and the trainer stands between two passes.</summary>
    public async Task SaveIfDue()
    {
        if (!_trainer.IsBetweenPasses || _sinceSaved.Elapsed.TotalSeconds < _context.Options.CheckpointSeconds)
            return;
        using var state = Artifacts.Buffer();
        await Task.Run(() => _trainer.SaveCheckpoint(state), _context.Cancellation);
        state.Position = 0;
        var uri = Artifacts.Checkpoint(_context.Key).Child($"{_learners}.bin");
        await _context.Objects.Put(uri, state, state.Length, _context.Cancellation);
        _stored = uri;
        _sinceSaved.Restart();
    }

    /// <summary>Removes the state: training is done.</summary>
    public async Task Remove()
    {
        if (_stored is { } uri)
            await _context.Objects.Delete(uri, _context.Cancellation);
        _stored = null;
    }
}
