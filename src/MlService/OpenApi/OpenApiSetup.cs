using System.Text.Json;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MlService.OpenApi;

/// <summary>Describes the REST face: <c>/swagger</c> for people, <c>/swagger/v1/swagger.json</c> for machines.</summary>
public static class OpenApiSetup
{
    private const string Description = """
        Point it at CSV files in object storage, get a schema and a data report, train a model, judge it, put it behind a URL.

        Creating a resource answers 202 at once; a job then brings it into being. Ask for it again, or listen to `/v1/events`, until its
        `status` is `COMPLETED` or `FAILED`; a failed one has a `message` that says why. Resources may be created on others that are still
        pending. Give an `id` of your own, and a repeated request does nothing new. Unknown members and parameters are errors. Every
        error is an RFC 9457 problem that names the field at fault.
        """;

    private const string KeyScheme = "accessKey";

    /// <summary>Adds the document.</summary>
    /// <param name="services">The service's parts.</param>
    /// <param name="asksForKeys">Whether calls need an access key, which the page then asks its reader for.</param>
    public static IServiceCollection AddOpenApiDocument(this IServiceCollection services, bool asksForKeys = false)
    {
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc("v1", new OpenApiInfo { Title = "MlService", Version = "v1", Description = Description });
            options.DocInclusionPredicate((_, api) => api.RelativePath is { } path && !path.StartsWith("health/", StringComparison.Ordinal));
            options.CustomSchemaIds(SchemaId);
            options.SupportNonNullableReferenceTypes();
            options.NonNullableReferenceTypesAsRequired();
            options.MapType<JsonElement>(() => new OpenApiSchema { Type = JsonSchemaType.Object });
            options.IncludeXmlComments(typeof(OpenApiSetup).Assembly);
            options.DescribeAllParametersInCamelCase();
            options.OperationFilter<OperationDetails>();
            options.DocumentFilter<ChapterOrder>();
            if (asksForKeys)
                AskForKeys(options);
        });
        return services;
    }

    /// <summary>Serves the document and the page.</summary>
    public static IApplicationBuilder UseOpenApiDocument(this IApplicationBuilder app)
    {
        // Both match the path of each request against patterns, which would cost a prediction more than the prediction itself.
        return app.UseWhen(context => context.Request.Path.StartsWithSegments("/swagger"), branch =>
        {
            branch.UseSwagger();
            branch.UseSwaggerUI(options =>
            {
                options.DocumentTitle = "MlService REST API";
                options.SwaggerEndpoint("v1/swagger.json", "MlService v1");
                options.EnableTryItOutByDefault();
                options.DisplayRequestDuration();
                options.DefaultModelsExpandDepth(0);
            });
        });
    }

    private static void AskForKeys(SwaggerGenOptions options)
    {
        options.AddSecurityDefinition(KeyScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "ID:SECRET",
            Description = "An access key: its id, a colon, its secret.",
        });
        options.AddSecurityRequirement(document => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, document)] = [] });
    }

    // ResourcePage<ModelDescription> becomes ModelDescriptionPage.
    private static string SchemaId(Type type) => type.IsGenericType
        ? string.Concat(type.GetGenericArguments().Select(SchemaId)) + type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)].Replace("Resource", "", StringComparison.Ordinal)
        : type.Name;
}
