namespace MlService.DataSources;

/// <summary>
/// Lets jobs over the same data take turns in this process, so that those that come later find what the first has read. In other processes
/// of a cluster the data may be read at the same time; that costs time, and nothing else.
/// </summary>
public sealed class DataTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Turn> _turns = [];

    /// <summary>Waits for the turn; disposing the answer ends it.</summary>
    /// <param name="data">Names the data, its version included.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public async Task<IDisposable> Take(string data, CancellationToken cancellation)
    {
        Turn? turn;
        lock (_gate)
        {
            if (!_turns.TryGetValue(data, out turn))
                _turns[data] = turn = new Turn(this, data);
            turn.Takers++;
        }
        try
        {
            await turn.Free.WaitAsync(cancellation);
            return new Taken(turn);
        }
        catch (OperationCanceledException)
        {
            Leave(turn);
            throw;
        }
    }

    private void Leave(Turn turn)
    {
        lock (_gate)
        {
            if (--turn.Takers > 0)
                return;
            _turns.Remove(turn.Data);
        }
        turn.Free.Dispose();
    }

    private sealed class Turn(DataTurns turns, string data)
    {
        public string Data => data;

        public SemaphoreSlim Free { get; } = new(1);

        public int Takers { get; set; }

        public void End()
        {
            Free.Release();
            turns.Leave(this);
        }
    }

    private sealed class Taken(Turn turn) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
                turn.End();
        }
    }
}
