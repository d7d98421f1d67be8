using MlService.Access;
using MlService.Learning.Schemas;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.Schemas;

/// <summary>Looks at the first rows of data that no datasource knows yet.</summary>
public sealed class DataPreview(IObjectStore objects, CurrentCaller caller)
{
    /// <summary>Infers the schema of the data at a location; of a prefix, its first object is read.</summary>
    /// <param name="dataLocation">Object, or prefix that ends with a slash.</param>
    /// <param name="hasHeader">Whether the first line is a header; null to judge by the values.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="Problems.ProblemException">The location is none, nothing lies there, or the caller does not reach it.</exception>
    /// <exception cref="Learning.InvalidInputException">The data cannot be read as CSV.</exception>
    public async Task<InferredSchema> Infer(string? dataLocation, bool? hasHeader, CancellationToken cancellation)
    {
        const string Field = "dataLocation";
        if (string.IsNullOrEmpty(dataLocation))
            throw ResourceProblems.Invalid(Field, "dataLocation is missing. Name an object, s3://bucket/key, or a prefix that ends with '/'.");
        var uri = ResourceProblems.Read(Field, dataLocation, ObjectUri.Parse);
        caller.Value.Require(dataLocation, Field);
        if (uri.IsPrefix)
            uri = await FirstObject(uri, cancellation)
                ?? throw ResourceProblems.Invalid(Field, $"dataLocation: there is no data under {uri}. Upload CSV files there first.");
        await using var stream = await objects.OpenRead(uri, cancellationToken: cancellation);
        return await Task.Run(() => SchemaInference.Infer(stream, hasHeader, uri.ToString()), cancellation);
    }

    private async Task<ObjectUri?> FirstObject(ObjectUri prefix, CancellationToken cancellation)
    {
        await foreach (var item in objects.List(prefix.Bucket, prefix.Key, cancellationToken: cancellation))
            if (item.Size > 0 && !item.Uri.Key.EndsWith(".schema", StringComparison.Ordinal))
                return item.Uri;
        return null;
    }
}
