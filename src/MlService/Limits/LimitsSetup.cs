using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using MlService.Learning;

namespace MlService.Limits;

/// <summary>Sets the limits of the web server.</summary>
public static class LimitsSetup
{
    private const int MaxHeaderBytes = 1 << 20;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Adds the limits.</summary>
    public static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.AddOptions<LimitsOptions>().BindConfiguration(LimitsOptions.Section);
        services.AddRequestTimeouts();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitsOptions>>((server, limits) => Apply(Checked(limits.Value), server.Limits));
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<LimitsOptions>>((timeouts, limits) =>
        {
            if (limits.Value.RequestSeconds > 0)
                timeouts.DefaultPolicy = new RequestTimeoutPolicy { Timeout = TimeSpan.FromSeconds(limits.Value.RequestSeconds) };
        });
        return services;
    }

    /// <summary>Holds calls to their time; it belongs right behind the handling of problems, which words the answer.</summary>
    public static WebApplication UseLimits(this WebApplication app)
    {
        app.UseRequestTimeouts();
        return app;
    }

    /// <summary>Lets a call take as long as it takes: it streams, and slow clients are cut off by their rate.</summary>
    public static TBuilder WithoutTimeLimit<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new DisableRequestTimeoutAttribute());

    private static void Apply(LimitsOptions limits, KestrelServerLimits server)
    {
        var rate = limits.MinBytesPerSecond > 0 ? new MinDataRate(limits.MinBytesPerSecond, Grace) : null;
        server.MaxRequestBodySize = limits.MaxBodyBytes;
        server.MaxRequestHeadersTotalSize = limits.MaxHeaderBytes;
        server.RequestHeadersTimeout = TimeSpan.FromSeconds(limits.HeaderSeconds);
        server.KeepAliveTimeout = TimeSpan.FromSeconds(limits.KeepAliveSeconds);
        server.MinRequestBodyDataRate = rate;
        server.MinResponseDataRate = rate;
        server.MaxConcurrentConnections = limits.MaxConnections > 0 ? limits.MaxConnections : null;
    }

    private static LimitsOptions Checked(LimitsOptions limits)
    {
        Require(limits.MaxBodyBytes > 0, nameof(limits.MaxBodyBytes), limits.MaxBodyBytes);
        // They must fit into the server's buffer.
        Require(limits.MaxHeaderBytes is > 0 and <= MaxHeaderBytes, nameof(limits.MaxHeaderBytes), limits.MaxHeaderBytes, $" and at most {MaxHeaderBytes}");
        Require(limits.HeaderSeconds > 0, nameof(limits.HeaderSeconds), limits.HeaderSeconds);
        Require(limits.KeepAliveSeconds > 0, nameof(limits.KeepAliveSeconds), limits.KeepAliveSeconds);
        return limits;

        static void Require(bool isGood, string name, double value, string most = "")
        {
            if (!isGood)
                throw new InvalidInputException($"{LimitsOptions.Section}:{name} is {value}; it must be more than 0{most}.");
        }
    }
}
