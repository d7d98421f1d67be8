using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using MlService.Learning;

namespace MlService.Problems;

/// <summary>Answers every error as a problem: exceptions, and statuses that something set without a body.</summary>
internal sealed partial class ProblemMiddleware(
    RequestDelegate next, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, ILogger<ProblemMiddleware> log)
{
    /// <summary>Headers that an endpoint may have set for the content which the problem takes the place of.</summary>
    private static readonly string[] ContentHeaders =
        [HeaderNames.ContentLength, HeaderNames.ContentDisposition, HeaderNames.ContentEncoding, HeaderNames.ETag, HeaderNames.LastModified];

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody listens any more
        }
        catch (Exception exception) when (!context.Response.HasStarted) // else the connection is cut, so the answer cannot look whole
        {
            var problem = Explain(exception, context);
            foreach (var header in ContentHeaders)
                context.Response.Headers.Remove(header);
            await Write(context, problem);
            return;
        }
        var status = context.Response.StatusCode;
        if (status >= 400 && !context.Response.HasStarted && context.Response is { ContentLength: null, ContentType: null })
            await Write(context, OfStatus(context, status));
    }

    private const string LargerThanAllowed =
        "The request's body is larger than Limits:MaxBodyBytes allows. Upload data with PUT /v1/objects/{bucket}/{key}.";

    private Problem Explain(Exception exception, HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        switch (exception)
        {
            case ProblemException problem:
                return Problem.Of(problem.Kind, problem.Message, problem.Field, problem.Line);
            case InvalidInputException:
                return Problem.Of(ProblemKind.InvalidInput, exception.Message);
            case BadHttpRequestException { InnerException: JsonException fault }:
                return JsonFault.Explain(fault, BodyType(endpoint), json.Value.SerializerOptions);
            case BadHttpRequestException bad:
                return OfBadRequest(bad, endpoint);
            case var outage when MetadataOutage.Is(outage):
                LogStoreUnavailable(exception);
                return Problem.Of(ProblemKind.Unavailable, "The metadata store does not answer now. Try again in a moment.");
            default:
                var id = Guid.NewGuid().ToString("N");
                LogInternalError(context.Request.Method, context.Request.Path, id, exception);
                return Problem.Of(
                    ProblemKind.Internal, $"The service failed on this request. Its log has the cause under error {id}.", errorId: id);
        }
    }

    private static Problem OfBadRequest(BadHttpRequestException exception, Endpoint? endpoint)
    {
        var kind = ProblemKind.Of(exception.StatusCode);
        if (kind == ProblemKind.TooLarge)
            return Problem.Of(kind, LargerThanAllowed);
        if (kind == ProblemKind.TooSlow)
            return Problem.Of(kind, "The request came more slowly than Limits:MinBytesPerSecond or Limits:HeaderSeconds allow. Send it again over a faster connection.");
        if (kind == ProblemKind.UnsupportedMediaType)
            return Problem.Of(kind, "Send the body as JSON, with the header Content-Type: application/json.");
        if (Parameter().Match(exception.Message) is { Success: true } unread)
            return Problem.Of(kind, $"'{unread.Groups[2].Value}' cannot be '{Short(unread.Groups[3].Value)}'. Give it as {TypeInWords(unread.Groups[1].Value)}.",
                unread.Groups[2].Value);
        if (MissingParameter().Match(exception.Message) is { Success: true } missing)
            return Problem.Of(kind, $"The request lacks '{missing.Groups[1].Value}'. Add it.", missing.Groups[1].Value);
        if (BodyType(endpoint) is not null && exception.Message.Contains("body", StringComparison.OrdinalIgnoreCase))
            return Problem.Of(kind, "The request needs a body of JSON, with the header Content-Type: application/json.");
        return Problem.Of(kind, exception.Message);
    }

    private static Problem OfStatus(HttpContext context, int status)
    {
        var request = context.Request;
        var kind = ProblemKind.Of(status);
        return Problem.Of(kind, status switch
        {
            404 => $"There is nothing at {Short(request.Path.ToString())}. The calls of this service are described at /swagger.",
            405 => $"{request.Method} is not possible at {Short(request.Path.ToString())}. Possible: {context.Response.Headers.Allow}.",
            413 => LargerThanAllowed,
            415 => "Send the body as JSON, with the header Content-Type: application/json.",
            504 => "The call took longer than Limits:RequestSeconds allows, and was stopped. What it had created before exists; look before you send it again.",
            _ => kind.Title + ".",
        });
    }

    private Task Write(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        context.Response.Headers.CacheControl = "no-store";
        if (context.RequestAborted.IsCancellationRequested)
            return Task.CompletedTask; // nobody listens any more
        return context.Response.WriteAsJsonAsync(problem, json.Value.SerializerOptions, Problem.ContentType, context.RequestAborted);
    }

    private static Type? BodyType(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;

    private static string TypeInWords(string type) => type.TrimEnd('?') switch
    {
        "int" or "long" => "a whole number",
        "double" or "float" or "decimal" => "a number",
        "bool" => "true or false",
        _ => "another value",
    };

    private static string Short(string text) => text.Length <= 100 ? text : text[..100] + "…";

    [LoggerMessage(Level = LogLevel.Error, Message = "{RequestMethod} {RequestPath} failed with internal error {ErrorId}")]
    private partial void LogInternalError(string requestMethod, string requestPath, string errorId, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Request failed: the metadata store does not answer")]
    private partial void LogStoreUnavailable(Exception exception);

    // The framework's words for parameters that it could not bind; a change of them costs only the better wording.
    [GeneratedRegex("""^Failed to bind parameter "(?:(\S+) )?(\S+)" from "(.*)"\.$""", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Parameter();

    [GeneratedRegex("""^Required parameter "(?:\S+ )?(\S+)" was not provided from (?:query string|header|route)""", RegexOptions.CultureInvariant)]
    private static partial Regex MissingParameter();
}
