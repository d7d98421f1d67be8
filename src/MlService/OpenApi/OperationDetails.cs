using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using MlService.Problems;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MlService.OpenApi;

/// <summary>Adds to each call what its code cannot tell: examples, the filters of lists, and that every error is a problem.</summary>
internal sealed class OperationDetails : IOperationFilter
{
    /// <inheritdoc/>
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        AddProblems(operation, context);
        foreach (var item in metadata)
        {
            switch (item)
            {
                case RequestExample example when operation.RequestBody?.Content is { } content:
                    SetExample(content, example.Json);
                    break;
                case ResponseExample example when ResponseContent(operation, example.Status) is { } content:
                    SetExample(content, example.Json);
                    break;
                case ListParameters list:
                    AddListParameters(operation, list.Fields);
                    break;
            }
        }
    }

    private static void AddProblems(OpenApiOperation operation, OperationFilterContext context)
    {
        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "The request was refused, or failed: an RFC 9457 problem.",
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                [Problem.ContentType] = new OpenApiMediaType
                {
                    Schema = context.SchemaGenerator.GenerateSchema(typeof(Problem), context.SchemaRepository),
                    Example = JsonNode.Parse("""
                        {
                          "type": "/problems/invalid-input", "title": "Invalid input", "status": 400,
                          "detail": "dataLocation is missing. Name an object, s3://bucket/key, or a prefix that ends with '/'.",
                          "field": "dataLocation"
                        }
                        """),
                },
            },
        };
    }

    private static IDictionary<string, IOpenApiMediaType>? ResponseContent(OpenApiOperation operation, int status) =>
        operation.Responses?.TryGetValue(status.ToString(CultureInfo.InvariantCulture), out var response) == true ? response.Content : null;

    private static void SetExample(IDictionary<string, IOpenApiMediaType> content, string json)
    {
        foreach (var media in content.Values.OfType<OpenApiMediaType>())
            media.Example = JsonNode.Parse(json);
    }

    private static void AddListParameters(OpenApiOperation operation, IReadOnlyList<string> fields)
    {
        operation.Parameters ??= [];
        Add("limit", JsonSchemaType.Integer, "Size of the page, 1 to 100; 100 by default.");
        Add("cursor", JsonSchemaType.String, "`nextCursor` of the page before.");
        Add("tag", JsonSchemaType.String, "A tag that they have: its key, or `key:value`.");
        Add("sort", JsonSchemaType.String, $"Field to sort by, with `-` before it for downwards: {string.Join(", ", fields)}. Newest first by default.");
        foreach (var name in fields)
            Add(name, JsonSchemaType.String, $"Only those whose `{name}` is this. Also with a comparator, as in `{name}.ge`.");

        void Add(string name, JsonSchemaType type, string description) => operation.Parameters.Add(new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Query,
            Description = description,
            Schema = new OpenApiSchema { Type = type },
        });
    }
}
