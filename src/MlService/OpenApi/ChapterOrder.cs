using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MlService.OpenApi;

/// <summary>Puts the chapters of the document in the order in which a reader needs them.</summary>
internal sealed class ChapterOrder : IDocumentFilter
{
    private static readonly (string Name, string Description)[] Chapters =
    [
        ("Objects", "Upload data, download results."),
        ("Schemas", "See what a file holds before anything is made of it."),
        ("Train", "From a file to an evaluated model in one call."),
        ("Datasources", "CSV objects with a schema, the part of their rows that is meant, and their statistics."),
        ("Models", "What was learned from a datasource."),
        ("Evaluations", "Models judged on datasources that have the target."),
        ("Batch predictions", "Models applied to datasources, with the results in object storage."),
        ("Realtime", "One prediction at a time."),
        ("Events", "Progress as it happens."),
    ];

    /// <inheritdoc/>
    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        var used = context.ApiDescriptions
            .SelectMany(api => api.ActionDescriptor.EndpointMetadata.OfType<ITagsMetadata>())
            .SelectMany(tags => tags.Tags).ToHashSet();
        swaggerDoc.Tags = new HashSet<OpenApiTag>(Chapters.Where(chapter => used.Contains(chapter.Name))
            .Select(chapter => new OpenApiTag { Name = chapter.Name, Description = chapter.Description }));
    }
}
