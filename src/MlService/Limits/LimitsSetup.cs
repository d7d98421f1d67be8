using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using MlService.Learning;
using MlService.Problems;

namespace MlService.Limits;

/// <summary>Sets the limits of the web server.</summary>
public static class LimitsSetup
{
    /// <summary>Most bytes of a request's address, which is its path with the query.</summary>
    private const int MaxAddressBytes = 8 << 10;

    private const int MaxHeaderBytes = 512 << 10;

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

    /// <summary>Holds calls to the size of their headers and to their time; it belongs right behind the handling of problems, which words the answer.</summary>
    public static WebApplication UseLimits(this WebApplication app)
    {
        var most = app.Services.GetRequiredService<IOptions<LimitsOptions>>().Value.MaxHeaderBytes;
        app.Use((context, next) =>
        {
            CheckHeaders(context, most);
            return next(context);
        });
        app.UseRequestTimeouts();
        return app;
    }

    /// <summary>Lets a call take as long as it takes: it streams, and slow clients are cut off by their rate.</summary>
    public static TBuilder WithoutTimeLimit<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new DisableRequestTimeoutAttribute());

    /// <summary>The web server cuts off what is twice too large and says no more than a status; what it lets through is told the limit here.</summary>
    private static void CheckHeaders(HttpContext context, int most)
    {
        var address = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Length;
        if (address > MaxAddressBytes)
        {
            throw new ProblemException(ProblemKind.AddressTooLong,
                $"The address has {address} bytes; it may have {MaxAddressBytes}. Send what is long in the body, where the call takes one.");
        }
        // As they came: name, colon, space, value, end of line.
        var bytes = 0;
        foreach (var (name, values) in context.Request.Headers)
            foreach (var value in values)
                bytes += name.Length + (value?.Length ?? 0) + 4;
        if (bytes > most)
        {
            throw new ProblemException(ProblemKind.HeadersTooLarge,
                $"The headers have {bytes} bytes; they may have {most}. Send fewer or shorter ones, or ask for a higher {LimitsOptions.Section}:{nameof(LimitsOptions.MaxHeaderBytes)}.");
        }
    }

    private static void Apply(LimitsOptions limits, KestrelServerLimits server)
    {
        var rate = limits.MinBytesPerSecond > 0 ? new MinDataRate(limits.MinBytesPerSecond, Grace) : null;
        server.MaxRequestBodySize = limits.MaxBodyBytes;
        server.MaxRequestLineSize = 2 * MaxAddressBytes;
        server.MaxRequestHeadersTotalSize = 2 * limits.MaxHeaderBytes;
        server.RequestHeadersTimeout = TimeSpan.FromSeconds(limits.HeaderSeconds);
        server.KeepAliveTimeout = TimeSpan.FromSeconds(limits.KeepAliveSeconds);
        server.MinRequestBodyDataRate = rate;
        server.MinResponseDataRate = rate;
        server.MaxConcurrentConnections = limits.MaxConnections > 0 ? limits.MaxConnections : null;
    }

    private static LimitsOptions Checked(LimitsOptions limits)
    {
        Require(limits.MaxBodyBytes > 0, nameof(limits.MaxBodyBytes), limits.MaxBodyBytes);
        // Twice as many must fit into the server's buffer.
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
