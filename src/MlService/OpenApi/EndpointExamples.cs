namespace MlService.OpenApi;

/// <summary>The body of a call as an example; JSON text.</summary>
internal sealed record RequestExample(string Json);

/// <summary>An answer of a call as an example; JSON text.</summary>
internal sealed record ResponseExample(int Status, string Json);

/// <summary>The fields by which a list can be filtered and sorted.</summary>
internal sealed record ListParameters(IReadOnlyList<string> Fields);

/// <summary>Attaches examples to calls; the OpenAPI document shows them.</summary>
internal static class EndpointExamples
{
    /// <summary>Shows an example of the request's body.</summary>
    public static TBuilder WithRequestExample<TBuilder>(this TBuilder builder, string json) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequestExample(json));

    /// <summary>Shows an example of an answer.</summary>
    public static TBuilder WithResponseExample<TBuilder>(this TBuilder builder, int status, string json) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ResponseExample(status, json));
}
