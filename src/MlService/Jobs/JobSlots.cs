using Microsoft.Extensions.Options;

namespace MlService.Jobs;

/// <summary>
/// Two lanes to processor time, one for small jobs and one for large, so that the small never wait for the large. In a lane the
/// owners take turns (round robin), and each owner's jobs come in their order: whoever creates a thousand jobs delays those of others
/// by one. Each process has its own lanes, and jobs are spread over the processes whoever owns them, so the turns are fair in all of them.
/// </summary>
public sealed class JobSlots
{
    private readonly Lock _gate = new();
    private readonly Lane _small;
    private readonly Lane _large;
    private readonly long _largeJobBytes;

    /// <summary>Creates the lanes that the options ask for.</summary>
    public JobSlots(IOptions<JobsOptions> options)
    {
        _largeJobBytes = options.Value.LargeJobBytes;
        _small = new Lane(Math.Max(1, options.Value.ConcurrentSmallJobs));
        _large = new Lane(Math.Max(1, options.Value.ConcurrentLargeJobs));
    }

    /// <summary>Whether a job of this size would have to wait now.</summary>
    public bool AreTaken(long bytes)
    {
        lock (_gate)
            return LaneFor(bytes).Free == 0;
    }

    /// <summary>Waits for a slot of the right size; disposing the answer frees it.</summary>
    /// <param name="bytes">Size of the job's input.</param>
    /// <param name="owner">Whose job it is; empty where there are no keys.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public async Task<IDisposable> Enter(long bytes, string owner, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var job = new Waiting(this, LaneFor(bytes), owner);
        lock (_gate)
        {
            job.Lane.Add(job);
            Admit(job.Lane);
        }
        await using (cancellation.Register(() => Abandon(job, cancellation)))
            return await job.Admitted.Task;
    }

    private Lane LaneFor(long bytes) => bytes > _largeJobBytes ? _large : _small;

    private void Abandon(Waiting job, CancellationToken cancellation)
    {
        lock (_gate)
        {
            // Who was admitted in the same moment has a slot, and frees it.
            if (job.Lane.Remove(job))
                job.Admitted.TrySetCanceled(cancellation);
        }
    }

    private void Leave(Waiting job)
    {
        lock (_gate)
        {
            job.Lane.Free++;
            Admit(job.Lane);
        }
    }

    private static void Admit(Lane lane)
    {
        while (lane.Free > 0 && lane.Next() is { } job)
        {
            lane.Free--;
            job.Admitted.TrySetResult(job);
        }
    }

    /// <summary>Jobs that wait, by owner; the owners in the order of their turns.</summary>
    private sealed class Lane(int free)
    {
        private readonly LinkedList<(string Owner, LinkedList<Waiting> Jobs)> _turns = [];

        public int Free { get; set; } = free;

        public void Add(Waiting job)
        {
            var turn = Turn(job.Owner) ?? _turns.AddLast((job.Owner, []));
            turn.Value.Jobs.AddLast(job);
        }

        public bool Remove(Waiting job)
        {
            if (Turn(job.Owner) is not { } turn || !turn.Value.Jobs.Remove(job))
                return false;
            if (turn.Value.Jobs.Count == 0)
                _turns.Remove(turn);
            return true;
        }

        /// <summary>Takes out the first job of the first owner, whose next turn comes after all others'.</summary>
        public Waiting? Next()
        {
            if (_turns.First is not { } turn)
                return null;
            var jobs = turn.Value.Jobs;
            var job = jobs.First!.Value;
            jobs.RemoveFirst();
            _turns.Remove(turn);
            if (jobs.Count > 0)
                _turns.AddLast(turn);
            return job;
        }

        private LinkedListNode<(string Owner, LinkedList<Waiting> Jobs)>? Turn(string owner)
        {
            for (var turn = _turns.First; turn is not null; turn = turn.Next)
            {
                if (turn.Value.Owner == owner)
                    return turn;
            }
            return null;
        }
    }

    private sealed class Waiting(JobSlots slots, Lane lane, string owner) : IDisposable
    {
        private int _hasLeft;

        public Lane Lane => lane;

        public string Owner => owner;

        public TaskCompletionSource<IDisposable> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _hasLeft, 1) == 0)
                slots.Leave(this);
        }
    }
}
