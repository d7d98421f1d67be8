using Microsoft.AspNetCore.Http.Timeouts;
using MlService.Access;
using MlService.Learning;
using MlService.Metadata;
using MlService.Models;
using MlService.Problems;
using MlService.Tags;

namespace MlService.Amazon;

/// <summary>
/// Answers every error of a call in Amazon's form: <c>__type</c>, the bare name of the exception, and <c>message</c>. It comes before whatever
/// may refuse a call, so that a client that knows nothing but this protocol can read every answer.
/// </summary>
internal sealed partial class AmazonErrors(RequestDelegate next, ILogger<AmazonErrors> log)
{
    private const int MaxMessageLength = 2048;

    private static readonly Dictionary<ProblemKind, string> Types = new()
    {
        [ProblemKind.InvalidInput] = AmazonException.InvalidInput,
        [ProblemKind.Conflict] = AmazonException.InvalidInput,
        [ProblemKind.NotFound] = "ResourceNotFoundException",
        [ResourceProblems.IdTaken] = "IdempotentParameterMismatchException",
        [TagRules.InvalidTag] = AmazonException.InvalidTag,
        [TagRules.TooManyTags] = "TagLimitExceededException",
        [EndpointProblems.Open] = AmazonException.InvalidInput,
        [EndpointProblems.Closed] = "PredictorNotMountedException",
    };

    public Task InvokeAsync(HttpContext context) => AmazonProtocol.IsAsked(context.Request) ? Guard(context) : next(context);

    private async Task Guard(HttpContext context)
    {
        context.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        // What stands at the path of the call is none of its business: the guard has to judge the operation.
        context.SetEndpoint(AmazonEndpoint.Of(AmazonProtocol.OperationOf(context.Request)));
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.Features.Get<IHttpRequestTimeoutFeature>()?.RequestTimeoutToken.IsCancellationRequested == true && !context.Response.HasStarted)
        {
            // The client still listens; what has run out is the time for the call.
            context.RequestAborted = CancellationToken.None;
            await Write(context, Unavailable(
                "The call took longer than Limits:RequestSeconds allows, and was stopped. What it had created before exists; look before you send it again."));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody listens any more
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await WholeBody.Discard(context.Request);
            await Write(context, Explain(exception, context.Request));
        }
    }

    /// <summary>An error in Amazon's words.</summary>
    private AmazonException Explain(Exception exception, HttpRequest request)
    {
        switch (exception)
        {
            case AmazonException error:
                return error;
            case ProblemException problem:
                return Translate(problem, request);
            case InvalidInputException:
                return new AmazonException(AmazonException.InvalidInput, exception.Message);
            case var outage when MetadataOutage.Is(outage):
                LogStoreUnavailable(exception);
                return Unavailable("The metadata store does not answer now. Try again in a moment.");
            case BadHttpRequestException bad:
                return new AmazonException("SerializationException", bad.Message, bad.StatusCode);
            default:
                var id = request.HttpContext.Response.Headers["x-amzn-RequestId"].ToString();
                LogInternalError(id, exception);
                return Internal($"The service failed on this request. Its log has the cause under request {id}.");
        }
    }

    private static AmazonException Translate(ProblemException problem, HttpRequest request)
    {
        var operation = AmazonProtocol.OperationOf(request);
        var message = AmazonWords.Translate(problem, operation);
        if (problem is KeyRefusedException refused)
            return Refusal(refused.Fault, message);
        if (Types.TryGetValue(problem.Kind, out var type))
            return new AmazonException(type, message);
        return problem.Kind.Status switch
        {
            StatusCodes.Status403Forbidden => new AmazonException("AccessDeniedException", message, StatusCodes.Status403Forbidden),
            StatusCodes.Status413PayloadTooLarge =>
                new AmazonException("RequestEntityTooLargeException", message, StatusCodes.Status413PayloadTooLarge),
            StatusCodes.Status429TooManyRequests =>
                new AmazonException(operation?.Name == "Predict" ? "LimitExceededException" : "ThrottlingException", message),
            StatusCodes.Status503ServiceUnavailable => Unavailable(message),
            < 500 => new AmazonException(AmazonException.InvalidInput, message),
            _ => Internal(message),
        };
    }

    private static AmazonException Refusal(KeyFault fault, string message) => fault switch
    {
        KeyFault.Missing => new AmazonException("MissingAuthenticationTokenException", message, StatusCodes.Status403Forbidden),
        KeyFault.Unknown => new AmazonException("UnrecognizedClientException", message, StatusCodes.Status403Forbidden),
        KeyFault.Incomplete => new AmazonException("IncompleteSignatureException", message),
        _ => new AmazonException("InvalidSignatureException", message),
    };

    private static AmazonException Internal(string message) =>
        new("InternalServerException", message, StatusCodes.Status500InternalServerError);

    private static AmazonException Unavailable(string message) =>
        new("ServiceUnavailableException", message, StatusCodes.Status503ServiceUnavailable);

    private static async Task Write(HttpContext context, AmazonException error)
    {
        var message = error.Message.Length <= MaxMessageLength ? error.Message : error.Message[..(MaxMessageLength - 1)] + "…";
        using var answer = new JsonAnswer();
        answer.Json.WriteStartObject();
        answer.Json.WriteString("__type"u8, error.Type);
        answer.Json.WriteString("message"u8, message);
        answer.Json.WriteEndObject();
        await answer.Send(context.Response, error.Status);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} failed with an internal error")]
    private partial void LogInternalError(string requestId, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Request failed: the metadata store does not answer")]
    private partial void LogStoreUnavailable(Exception exception);
}
