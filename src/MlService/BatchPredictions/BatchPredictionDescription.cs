using MlService.Metadata;

namespace MlService.BatchPredictions;

/// <summary>What the REST face shows of a batch prediction.</summary>
public sealed record BatchPredictionDescription : ResourceDescription
{
    /// <summary>Shows a batch prediction.</summary>
    internal BatchPredictionDescription(Tagged<BatchPrediction> prediction) : base(prediction.Row, prediction.Tags)
    {
        var row = prediction.Row;
        ModelId = row.ModelId;
        DatasourceId = row.DataSourceId;
        DataLocation = row.DataLocation;
        OutputUri = row.OutputUri;
        TotalRecordCount = row.TotalRecordCount;
        InvalidRecordCount = row.InvalidRecordCount;
        if (row.Status == ResourceStatus.Completed)
            ManifestUri = $"{row.OutputUri}batch-prediction/{row.Id}.manifest";
    }

    /// <summary>Model that is applied.</summary>
    public string ModelId { get; init; }

    /// <summary>Datasource whose rows are scored.</summary>
    public string DatasourceId { get; init; }

    /// <summary>Location of the input data.</summary>
    public string? DataLocation { get; init; }

    /// <summary>Prefix of the results.</summary>
    public string OutputUri { get; init; }

    /// <summary>Records seen; once completed.</summary>
    public long? TotalRecordCount { get; init; }

    /// <summary>Records that could not be scored; once completed.</summary>
    public long? InvalidRecordCount { get; init; }

    /// <summary>Object that maps each input object to its results; once completed.</summary>
    public string? ManifestUri { get; init; }
}
