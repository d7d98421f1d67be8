using System.Diagnostics;
using MlService.Learning;
using MlService.Storage;
using Orleans.Runtime.Placement;

namespace MlService.Jobs;

/// <summary>
/// The shards of one attempt: as many as the job asked for, in this process or, when they are more than one process is to have,
/// spread evenly over the cluster's workers. A shard keeps its state between the steps, so step i always goes to the same shard i;
/// one whose process dies gets another life elsewhere.
/// </summary>
public sealed class ShardTeam
{
    // A shard that dies this often is not dying of its process's accidents.
    private const int MaxLives = 6;

    private static readonly ShardState Lost = new(0, 0, 0, 0, IsDone: true, 0, null, "its process does not answer", IsInterruption: true, null);

    private readonly JobContext _context;
    private readonly IGrainFactory _grains;
    private readonly ShardExchange _exchange;
    private readonly ClusterMembers _members;
    private readonly ILogger _logger;
    private readonly List<Member> _shards = [];
    private readonly Dictionary<string, int> _versions = [];
    private readonly bool _isSpread;

    internal ShardTeam(JobContext context, int count, IGrainFactory grains, ShardExchange exchange, ClusterMembers members, ILogger logger)
    {
        (_context, _grains, _exchange, _members, _logger) = (context, grains, exchange, members, logger);
        var places = Places(count, context.Options.ShardsPerJob, members.WorkersFromHere);
        var processes = places.Distinct().Count();
        _isSpread = processes > 1;
        if (_isSpread)
            JobLog.Spread(logger, context.Key, context.Row.Attempt, count, processes);
        for (var index = 0; index < count; index++)
            _shards.Add(NewLife(index, 0, places[index], []));
    }

    /// <summary>Where shards live: on as few workers as can hold them, on each about as many.</summary>
    /// <param name="shards">Their number.</param>
    /// <param name="perWorker">Most on one worker, unless there are too few workers.</param>
    /// <param name="workers">The workers, in the order in which they are used; at least one.</param>
    internal static IReadOnlyList<T> Places<T>(int shards, int perWorker, IReadOnlyList<T> workers)
    {
        var used = Math.Clamp((shards + perWorker - 1) / Math.Max(1, perWorker), 1, workers.Count);
        // Neighbours in the data are neighbours in the cluster: they read the same files.
        return [.. Enumerable.Range(0, shards).Select(shard => workers[(int)((long)shard * used / shards)])];
    }

    /// <summary>Shares a thing with all shards, in place of what was shared under the name before.</summary>
    /// <param name="name">A name within the attempt.</param>
    /// <param name="value">Not changed any more.</param>
    /// <param name="write">Writes it for shards in other processes.</param>
    /// <param name="shard">The only shard that it is for; null for all.</param>
    public async Task<SharedItem<T>> Share<T>(string name, T value, Action<Stream> write, int? shard = null) where T : class
    {
        var version = _versions[name] = _versions.GetValueOrDefault(name) + 1;
        var isLocal = shard is { } index ? _shards[index].Place.Equals(_members.Here) : !_isSpread;
        return new SharedItem<T>(
            name, version, value, isLocal ? null : await _exchange.Pack(_context.Artifacts, name, write, _context.Cancellation));
    }

    /// <summary>Shares a thing that lies in object storage already.</summary>
    public SharedItem<T> Share<T>(string name, T value, ObjectUri uri) where T : class =>
        new(name, _versions[name] = _versions.GetValueOrDefault(name) + 1, value, _isSpread ? Parcel.At(uri) : null);

    /// <summary>Runs one step on each shard, side by side, and waits for all.</summary>
    /// <typeparam name="T">Type of a step's result.</typeparam>
    /// <param name="phase">Name of the phase in the progress.</param>
    /// <param name="steps">A step for each shard, or for the first ones.</param>
    /// <param name="bytes">Input bytes of all shards together, by which their progress is measured; 0 if the steps do not read bytes.</param>
    /// <param name="from">Share of the job, in percent, that is done when the steps begin.</param>
    /// <param name="to">Share of the job that is done when they end.</param>
    /// <param name="rows">Rows of all shards together, for steps whose progress is measured by rows.</param>
    /// <returns>The steps' results, in their order.</returns>
    /// <exception cref="InvalidInputException">A shard found the input at fault; the first shard's message.</exception>
    /// <exception cref="AttemptInterruptedException">A shard was lost, and no other process could take its place.</exception>
    public async Task<IReadOnlyList<T>> Run<T>(
        string phase, IReadOnlyList<ShardStep<T>> steps, long bytes, double from, double to, long rows = 0) where T : class
    {
        var states = new ShardState[steps.Count];
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(steps.Select(async (step, index) => states[index] = await Complete(index, step, state =>
        {
            states[index] = state;
            return Report();
        })));
        _context.Worked(states.Sum(state => state.BusyMilliseconds));
        _context.Cancellation.ThrowIfCancellationRequested();
        if (states.FirstOrDefault(state => state.InputError is not null) is { } wrong)
            throw new InvalidInputException(wrong.InputError!);
        if (states.FirstOrDefault(state => state.Fault is not null) is { } broken)
            throw new InvalidOperationException($"A shard of {_context.Key} hit a fault: {broken.Fault}");
        await Report();
        return await Task.WhenAll(steps.Select((step, index) => ResultOf(step, _shards[index], states[index])));

        Task Report()
        {
            var done = states.Sum(state => state?.Rows ?? 0);
            if ((bytes == 0 && rows == 0) || done == 0)
                return _context.Report(phase, from);
            _context.Progress.Rows = done;
            _context.Progress.RowsPerSecond = Math.Round(done / Math.Max(watch.Elapsed.TotalSeconds, 1e-3));
            var share = bytes > 0 ? states.Sum(state => state?.Bytes ?? 0) / (double)bytes : done / (double)rows;
            return _context.Report(phase, from + (to - from) * Math.Min(1, share));
        }
    }

    /// <summary>Lets the shards go, wherever they are.</summary>
    internal async Task Release()
    {
        await Task.WhenAll(_shards.Select(member => member.Shard.Release()));
        _exchange.Clear(_context.Artifacts);
    }

    /// <summary>Removes what went through object storage, before it can be taken for a result.</summary>
    internal async Task RemoveParcels()
    {
        if (_isSpread)
            await Artifacts.Remove(_context.Objects, _context.Artifacts + Artifacts.ExchangePrefix, _context.Cancellation);
    }

    /// <summary>Sees a step through, on another process if the shard's own dies.</summary>
    private async Task<ShardState> Complete(int index, ShardStep step, Func<ShardState, Task> report)
    {
        var state = await Try(_shards[index], step, report);
        for (var lives = 1; state is null or { IsInterruption: true }; lives++)
        {
            _context.Cancellation.ThrowIfCancellationRequested();
            var lost = _shards[index];
            if (lives == MaxLives || lost.Place.Equals(_members.Here))
                throw new AttemptInterruptedException($"Shard {index} of {_context.Key} was lost: {(state ?? Lost).Fault}");
            var place = _members.WorkersFromHere.Skip(1).FirstOrDefault(worker => !worker.Equals(lost.Place)) ?? _members.Here;
            JobLog.ShardLost(_logger, lost.Key, lost.Place.ToString(), place.ToString());
            var next = _shards[index] = NewLife(index, lost.Life + 1, place, lost.Lasting);
            state = await Repeat(next) ?? await Try(next, step, report);
        }

        if (step.IsLasting)
            _shards[index].Lasting.Add(step);
        return state;
    }

    /// <summary>Brings a shard that takes a lost one's place to where that was.</summary>
    /// <returns>Null if it is there; else how it was lost in its turn.</returns>
    private async Task<ShardState?> Repeat(Member member)
    {
        foreach (var step in member.Lasting)
            if (await Try(member, step, _ => Task.CompletedTask) is not { InputError: null, Fault: null })
                return Lost;
        return null;
    }

    /// <summary>Runs a step on a shard.</summary>
    /// <returns>How it ended; null if the shard's process does not answer or knows nothing of it.</returns>
    private async Task<ShardState?> Try(Member member, ShardStep step, Func<ShardState, Task> report)
    {
        try
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, member.Place);
            member.Steps++;
            if (!await member.Shard.Begin(step, member.Steps, _members.Here))
                return null;
            for (var seen = 0L; ;)
            {
                var state = await member.Shard.Watch(seen).WaitAsync(_context.Cancellation);
                if (state.Step != member.Steps)
                    return null;
                if (state.IsDone)
                    return state;
                seen = state.Version;
                await report(state);
            }
        }
        catch (Exception exception) when (exception is SiloUnavailableException or OrleansMessageRejectionException or TimeoutException)
        {
            return null;
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    private async Task<T> ResultOf<T>(ShardStep<T> step, Member member, ShardState state) where T : class => state.Result is { } parcel
        ? await _exchange.Open(parcel, step.Read, _context.Cancellation)
        : _exchange.Take<T>(member.Key);

    private Member NewLife(int index, int life, SiloAddress place, List<ShardStep> lasting)
    {
        var key = _context.Artifacts + (life == 0 ? $"{index}" : $"{index}.{life}");
        return new Member(key, _grains.GetGrain<IShardGrain>(key), life, place, lasting);
    }

    /// <summary>A shard in one of its lives.</summary>
    private sealed class Member(string key, IShardGrain shard, int life, SiloAddress place, List<ShardStep> lasting)
    {
        public string Key { get; } = key;

        public IShardGrain Shard { get; } = shard;

        public int Life { get; } = life;

        public SiloAddress Place { get; } = place;

        /// <summary>Steps whose outcome the shard still needs.</summary>
        public List<ShardStep> Lasting { get; } = lasting;

        /// <summary>Number of the step that it runs or ran last.</summary>
        public int Steps { get; set; }
    }
}
