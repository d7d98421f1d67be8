using System.Data.Common;
using MlService.Problems;

namespace MlService.Access;

/// <summary>Puts every request that may change something into the audit log. It comes after the guard, which knows the caller.</summary>
internal sealed partial class AuditTrail(RequestDelegate next, AuditLog log, ILogger<AuditTrail> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (EndpointAccess.IsChange(context))
        {
            var request = context.Request;
            var path = request.Path.ToString();
            var who = context.Features.Get<Caller>()?.Name ?? Caller.Local.Name;
            var action = context.GetEndpoint()?.Metadata.GetMetadata<AuditName>()?.Action ?? $"{request.Method} {path}";
            var id = await log.Begin(who, action, path, context.RequestAborted);
            // The last moment before the client learns of the outcome: by then the log has it.
            context.Response.OnStarting(() => End(context.Response, id, context.Features.Get<AuditTarget>()?.Path ?? path));
        }
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            // Nobody hears it but the log, unless it was the time for the call that ran out: then there is another answer.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            throw;
        }
    }

    private async Task End(HttpResponse response, long id, string path)
    {
        // What came into being has a place of its own, which the answer names.
        var location = response.Headers.Location.ToString();
        try
        {
            await log.End(id, location.Length > 0 ? location : path, response.StatusCode);
        }
        catch (Exception exception) when (exception is DbException || MetadataOutage.Is(exception))
        {
            // The change has come about and the entry says that it was asked for; the client is owed its answer.
            LogOutcomeNotNoted(logger, exception, id, response.StatusCode);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Audit entry {Id} could not be given its outcome, status {Status}")]
    private static partial void LogOutcomeNotNoted(ILogger logger, Exception exception, long id, int status);
}

/// <summary>Says at an endpoint how the audit log calls it, where that is not its method and path.</summary>
internal sealed record AuditName(string Action);

/// <summary>Says of a request what it changes, where its path does not.</summary>
internal sealed record AuditTarget(string Path);
