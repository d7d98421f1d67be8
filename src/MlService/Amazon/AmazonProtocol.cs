using System.Text.Json;
using MlService.Access;
using MlService.Metadata;

namespace MlService.Amazon;

/// <summary>
/// The wire protocol of Amazon Machine Learning, AWS JSON 1.1: <c>POST /</c> with the operation in the header <c>X-Amz-Target</c>. Clients
/// send <c>Predict</c> to the path of the endpoint's URL, which some of them keep and some drop, so the header decides, and not the path.
/// </summary>
internal sealed class AmazonProtocol(RequestDelegate next, CurrentCaller caller, IEnumerable<OperationSet> sets)
{
    private const string TargetHeader = "X-Amz-Target";
    private const string TargetPrefix = "AmazonML_20141212.";

    private readonly Dictionary<string, Func<AmazonCall, Task<Members>>> _handlers =
        sets.SelectMany(set => set.Handlers).ToDictionary(StringComparer.Ordinal);

    /// <summary>Whether a request speaks this protocol.</summary>
    public static bool IsAsked(HttpRequest request) => HttpMethods.IsPost(request.Method)
        && (request.Headers.ContainsKey(TargetHeader)
            || (request.Path == "/" && request.ContentType?.StartsWith("application/x-amz-json", StringComparison.OrdinalIgnoreCase) == true));

    /// <summary>The operation that a request asks for; null if there is none of that name.</summary>
    public static Operation? OperationOf(HttpRequest request)
    {
        var target = request.Headers[TargetHeader].ToString();
        return target.StartsWith(TargetPrefix, StringComparison.Ordinal)
            ? Operation.All.GetValueOrDefault(target[TargetPrefix.Length..])
            : null;
    }

    public Task InvokeAsync(HttpContext context) => IsAsked(context.Request) ? Answer(context) : next(context);

    private async Task Answer(HttpContext context)
    {
        var request = context.Request;
        var operation = OperationOf(request) ?? throw new AmazonException(
            "UnknownOperationException",
            $"The header {TargetHeader} names no operation of Amazon Machine Learning. It is {TargetPrefix} and the operation, for example {TargetPrefix}DescribeMLModels.");
        var input = Read(await WholeBody.Read(request, operation.MaxBodyBytes), operation);
        if (operation.Subject(input) is { } subject)
        {
            caller.Value.Require(subject, operation.SubjectMember!);
            context.Features.Set(new AuditTarget($"/v1/{subject.Kind.ToCollection()}/{subject.Id}"));
        }
        var call = new AmazonCall(input, $"{request.Scheme}://{request.Host}{request.PathBase}", path => SignedLinks.To(request, path), context.RequestAborted);
        var output = await _handlers[operation.Name](call);

        using var answer = new JsonAnswer();
        operation.Output.Write(answer.Json, output);
        await answer.Send(context.Response, StatusCodes.Status200OK);
    }

    private static Members Read(ReadOnlyMemory<byte> body, Operation operation)
    {
        try
        {
            using var json = JsonDocument.Parse(body.IsEmpty ? "{}"u8.ToArray() : body);
            return (Members)operation.Input.Read(json.RootElement, "");
        }
        catch (JsonException exception)
        {
            throw AmazonException.Serialization(
                $"The body is not valid JSON, line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}.");
        }
    }
}

/// <summary>A request that has passed the service model's checks.</summary>
/// <param name="Input">Its members.</param>
/// <param name="BaseAddress">Address of the service as the client knows it, without a slash at the end.</param>
/// <param name="Link">Makes of a path a link to this service that the client can open without a key.</param>
/// <param name="Cancellation">Ends with the request.</param>
internal sealed record AmazonCall(Members Input, string BaseAddress, Func<string, string> Link, CancellationToken Cancellation);

/// <summary>Operations that belong together.</summary>
internal abstract class OperationSet
{
    /// <summary>What each operation does.</summary>
    public abstract IReadOnlyDictionary<string, Func<AmazonCall, Task<Members>>> Handlers { get; }
}
