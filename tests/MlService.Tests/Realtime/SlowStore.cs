using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using MlService.Metadata;

namespace MlService.Tests.Realtime;

/// <summary>A metadata store whose answers take as long as the test wants: they tell how the rows were when they were asked for.</summary>
internal sealed class SlowStore(string file) : DbCommandInterceptor, IDbContextFactory<MetadataContext>
{
    private readonly TaskCompletionSource _hasRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _answer = Done();

    /// <summary>Whether answers are held back; those that were come when this becomes false.</summary>
    public bool IsSlow
    {
        set
        {
            if (value)
                _answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            else
                _answer.TrySetResult();
        }
    }

    /// <summary>Ends when rows were read whose answer is held back.</summary>
    public Task HasRead => _hasRead.Task;

    public MetadataContext CreateDbContext() =>
        new SqliteMetadataContext(new DbContextOptionsBuilder<SqliteMetadataContext>().UseSqlite($"Data Source={file};Pooling=false").AddInterceptors(this).Options);

    public override async ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        if (_answer.Task.IsCompleted)
            return result;
        // The reader stands at the first row already, and that row is as it is now.
        _hasRead.TrySetResult();
        await _answer.Task.WaitAsync(cancellationToken);
        return result;
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
