using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using MlService.Access;
using MlService.Metadata;
using MlService.OpenApi;

namespace MlService.Schemas;

/// <summary>The REST call that infers a schema.</summary>
internal static class SchemaApi
{
    private const string ShownExample = """
        {
          "schema": {
            "version": "1.0", "rowId": null, "rowWeight": null, "targetAttributeName": "y", "dataFormat": "CSV",
            "dataFileContainsHeader": true,
            "attributes": [ { "attributeName": "age", "attributeType": "NUMERIC" }, { "attributeName": "y", "attributeType": "BINARY" } ],
            "excludedAttributeNames": []
          },
          "rows": [ [ "56", "0" ], [ "57", "1" ] ],
          "reasons": [ { "name": "age", "type": "NUMERIC", "reason": "All values are numbers." } ],
          "notes": [ "The first line is a header." ]
        }
        """;

    /// <summary>Maps <c>/v1/schemas/infer</c>.</summary>
    public static void MapSchemas(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/schemas/infer", Infer)
            .WithTags("Schemas")
            .RequireScope(AccessScopes.Read).CheckLimitsInside()
            .WithSummary("Infers a schema from the first rows of a file")
            .WithDescription("Creates nothing. Look at the types, correct them, and pass the schema to a datasource.")
            .WithRequestExample("""{ "dataLocation": "s3://samples/banking.csv" }""")
            .WithResponseExample(StatusCodes.Status200OK, ShownExample);

    private static async Task<Ok<InferenceDescription>> Infer(InferenceRequest body, DataPreview preview, CancellationToken cancellation)
    {
        var inferred = await preview.Infer(body.DataLocation, body.DataFileContainsHeader, cancellation);
        return TypedResults.Ok(new InferenceDescription(
            JsonText.ToElement(inferred.Schema.ToJson())!.Value,
            inferred.Rows,
            [.. inferred.Reasons.Select(reason => new ReasonDescription(reason.Name, reason.Type.ToString().ToUpperInvariant(), reason.Reason))],
            inferred.Notes));
    }
}

/// <summary>What to infer a schema from.</summary>
public sealed record InferenceRequest
{
    /// <summary><c>s3://bucket/key</c> of a CSV file, plain or gzip, or a prefix, of which the first file is read.</summary>
    [Required]
    public string? DataLocation { get; init; }

    /// <summary>Whether the first line is a header; by default judged by the values.</summary>
    public bool? DataFileContainsHeader { get; init; }
}

/// <summary>An inferred schema.</summary>
/// <param name="Schema">The schema, Amazon's JSON form.</param>
/// <param name="Rows">The first rows of data, without header, as text.</param>
/// <param name="Reasons">Why each attribute has its type.</param>
/// <param name="Notes">Why there is a header, a target, a row id; and whatever else is worth a look.</param>
public sealed record InferenceDescription(
    JsonElement Schema, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<ReasonDescription> Reasons, IReadOnlyList<string> Notes);

/// <summary>Why an attribute has its type.</summary>
/// <param name="Name">The attribute.</param>
/// <param name="Type">Its type.</param>
/// <param name="Reason">What its values look like.</param>
public sealed record ReasonDescription(string Name, string Type, string Reason);
