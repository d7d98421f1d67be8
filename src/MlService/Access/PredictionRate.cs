using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using MlService.Learning;
using MlService.Problems;

namespace MlService.Access;

/// <summary>
/// Holds each key to its rate of real-time predictions, by a bucket of tokens per key. The processes that answer share the rate evenly, as
/// a load balancer spreads the calls: so no prediction waits for another process, and all of them together never exceed the rate.
/// </summary>
public sealed class PredictionRate : IDisposable
{
    // Refills come at most this often.
    private const double RefillSeconds = 0.1;

    private readonly int _perSecond;
    private readonly int _burst;
    private readonly Func<int> _processes;
    private readonly PartitionedRateLimiter<(string Key, int Processes)> _limiter;

    /// <summary>Sets the rate.</summary>
    /// <param name="options">The rate.</param>
    /// <param name="processes">How many processes answer predictions now, at least 1.</param>
    /// <exception cref="InvalidInputException">A number is negative.</exception>
    public PredictionRate(IOptions<AccessOptions> options, Func<int> processes)
    {
        (_perSecond, _burst, _processes) = (options.Value.PredictionsPerSecond, options.Value.PredictionBurst, processes);
        if (_perSecond < 0 || _burst < 0)
            throw new InvalidInputException("Access:PredictionsPerSecond and Access:PredictionBurst are 0 or more; 0 is no limit and the default.");
        // Where a process comes or goes, keys begin with a bucket of the new size.
        _limiter = PartitionedRateLimiter.Create<(string Key, int Processes), (string, int)>(
            call => RateLimitPartition.GetTokenBucketLimiter(call, _ => Bucket(call.Processes)));
    }

    /// <summary>Counts one prediction of a key.</summary>
    /// <exception cref="ProblemException">The key has asked for too many; the answer's header <c>Retry-After</c> says when to come again.</exception>
    public void Count(string key, HttpResponse response)
    {
        if (_perSecond == 0)
            return;
        var processes = _processes();
        using var lease = _limiter.AttemptAcquire((key, processes));
        if (lease.IsAcquired)
            return;
        var seconds = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
        response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        var share = processes == 1 ? "" : $", which {processes} processes share evenly";
        throw new ProblemException(ProblemKind.TooManyRequests,
            $"The access key {key} asks for more than {_perSecond} predictions a second (Access:PredictionsPerSecond{share}). Come again in {seconds} s.");
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();

    private TokenBucketRateLimiterOptions Bucket(int processes)
    {
        var rate = (double)_perSecond / processes;
        var tokens = Math.Max(1, (int)(rate * RefillSeconds));
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = Math.Max(1, (int)(_burst > 0 ? (double)_burst / processes : 2 * rate)),
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds(tokens / rate),
            QueueLimit = 0,
            AutoReplenishment = true,
        };
    }
}
