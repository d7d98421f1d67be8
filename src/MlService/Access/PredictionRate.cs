using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using MlService.Learning;
using MlService.Problems;

namespace MlService.Access;

/// <summary>Holds each key to its rate of real-time predictions: a bucket of tokens per key, refilled ten times a second.</summary>
public sealed class PredictionRate : IDisposable
{
    private readonly int _perSecond;
    private readonly PartitionedRateLimiter<string>? _limiter;

    /// <summary>Sets the rate.</summary>
    /// <exception cref="InvalidInputException">A number is negative.</exception>
    public PredictionRate(IOptions<AccessOptions> options)
    {
        _perSecond = options.Value.PredictionsPerSecond;
        var burst = options.Value.PredictionBurst;
        if (_perSecond < 0 || burst < 0)
            throw new InvalidInputException("Access:PredictionsPerSecond and Access:PredictionBurst are 0 or more; 0 is no limit and the default.");
        if (_perSecond == 0)
            return;
        // Below ten a second the smallest refill is one token.
        var period = TimeSpan.FromSeconds(Math.Max(0.1, 1.0 / _perSecond));
        var bucket = new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst > 0 ? burst : 2 * _perSecond,
            TokensPerPeriod = (int)Math.Max(1, Math.Round(_perSecond * period.TotalSeconds)),
            ReplenishmentPeriod = period,
            QueueLimit = 0,
            AutoReplenishment = true,
        };
        _limiter = PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => bucket));
    }

    /// <summary>Counts one prediction of a key.</summary>
    /// <exception cref="ProblemException">The key has asked for too many; the answer's header <c>Retry-After</c> says when to come again.</exception>
    public void Count(string key, HttpResponse response)
    {
        if (_limiter is null)
            return;
        using var lease = _limiter.AttemptAcquire(key);
        if (lease.IsAcquired)
            return;
        var seconds = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
        response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        throw new ProblemException(ProblemKind.TooManyRequests,
            $"The access key {key} asks for more than {_perSecond} predictions a second (Access:PredictionsPerSecond). Come again in {seconds} s.");
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter?.Dispose();
}
