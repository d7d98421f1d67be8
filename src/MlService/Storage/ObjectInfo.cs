namespace MlService.Storage;

/// <summary>What the store knows of an object without reading it.</summary>
/// <param name="Uri">Where it lies.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">Names this version of the content, without quotes; opaque.</param>
/// <param name="LastModified">When it was published, UTC.</param>
public sealed record ObjectInfo(ObjectUri Uri, long Size, string ETag, DateTime LastModified);
