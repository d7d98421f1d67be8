using System.Runtime.ExceptionServices;

namespace MlService.Storage;

/// <summary>Waits on a thread that is the caller's own: the engine reads synchronously, object storage answers asynchronously.</summary>
internal static class TaskWaiting
{
    /// <summary>Blocks until the task is done, and throws what the task threw, not an <see cref="AggregateException"/>.</summary>
    public static T WaitFor<T>(this Task<T> task, CancellationToken cancellation)
    {
        try
        {
            task.Wait(cancellation);
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerException ?? several);
        }

        return task.Result;
    }
}
