using System.Collections.Concurrent;
using System.Reflection;
using MlService.Jobs;

namespace MlService.Tests.Metadata;

/// <summary>A job engine that never runs a job and remembers what it was told, such as <c>Nudge Model/m-1</c>.</summary>
public sealed class SilentJobs
{
    private readonly ConcurrentQueue<string> _calls = new();

    public SilentJobs()
    {
        var factory = DispatchProxy.Create<IGrainFactory, Factory>();
        ((Factory)(object)factory).Jobs = this;
        Client = new JobClient(factory, Microsoft.Extensions.Logging.Abstractions.NullLogger<JobClient>.Instance);
    }

    public JobClient Client { get; }

    public IReadOnlyCollection<string> Calls => _calls;

    public class Factory : DispatchProxy
    {
        internal SilentJobs Jobs { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var grain = Create<IJobGrain, JobGrain>();
            ((JobGrain)(object)grain).Tell = call => Jobs._calls.Enqueue($"{call} {args![0]}");
            return grain;
        }
    }

    public class JobGrain : DispatchProxy
    {
        internal Action<string> Tell { get; set; } = _ => { };

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Tell(targetMethod!.Name);
            return Task.CompletedTask;
        }
    }
}
