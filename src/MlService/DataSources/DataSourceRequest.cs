using System.Text.Json;
using System.Text.Json.Serialization;
using MlService.Learning.Records;
using MlService.Metadata;

namespace MlService.DataSources;

/// <summary>A request for a datasource, as the REST face takes it.</summary>
public sealed record DataSourceRequest
{
    /// <summary>Id to give it, 1 to 64 of <c>a-z A-Z 0-9 _ . -</c>. The same request with the same id again does nothing new.</summary>
    public string? Id { get; init; }

    /// <summary>Name for people.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// <c>s3://bucket/key</c> of a CSV file, plain or gzip, or a prefix that ends with <c>/</c> and holds many. Either this, or <c>database</c>,
    /// <c>query</c> and <c>stagingLocation</c>.
    /// </summary>
    public string? DataLocation { get; init; }

    /// <summary>Name of a database that the service is configured to query.</summary>
    public string? Database { get; init; }

    /// <summary>One SQL query that reads; each column becomes an attribute.</summary>
    public string? Query { get; init; }

    /// <summary>Prefix <c>s3://bucket/prefix/</c> under which the rows of the query are kept, as CSV beside their schema.</summary>
    public string? StagingLocation { get; init; }

    /// <summary>Schema, Amazon's JSON form. Without it and <c>schemaLocation</c>, the schema beside the data is read, or one is inferred.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>Object that holds the schema.</summary>
    public string? SchemaLocation { get; init; }

    /// <summary>Which rows are meant; all by default.</summary>
    public SplitDescription? Split { get; init; }

    /// <summary>Whether the data report is computed, true by default; training needs it.</summary>
    public bool? ComputeStatistics { get; init; }

    /// <summary>Tags by key, at most 50.</summary>
    public Dictionary<string, string?>? Tags { get; init; }

    /// <summary>The request as the catalog takes it.</summary>
    internal NewDataSource ToNew()
    {
        if (Schema is not null && SchemaLocation is not null)
            throw ResourceProblems.Invalid("schemaLocation", "schema and schemaLocation are both given. Give one of them.");
        return new NewDataSource
        {
            Id = Id,
            Name = Name,
            DataLocation = DataLocation,
            Database = Database,
            Query = Query,
            StagingLocation = StagingLocation,
            Schema = JsonText.ToText(Schema, "schema"),
            SchemaLocation = SchemaLocation,
            DataRearrangement = Split?.ToDataSplit().ToJson(),
            ComputeStatistics = ComputeStatistics ?? true,
            Tags = Tags,
        };
    }
}

/// <summary>Part of the rows of a datasource.</summary>
public sealed record SplitDescription
{
    /// <summary>Where the part begins, 0 to 100 percent of the data.</summary>
    public double PercentBegin { get; init; }

    /// <summary>Where it ends.</summary>
    public double PercentEnd { get; init; } = 100;

    /// <summary><c>sequential</c> takes the rows in file order, <c>random</c> draws them.</summary>
    public SplitStrategyName Strategy { get; init; }

    /// <summary>Seed of the random draw: two splits with the same seed fit together without overlap.</summary>
    public string? Seed { get; init; }

    /// <summary>Takes the rows outside of the part instead.</summary>
    public bool Complement { get; init; }

    /// <summary>Reads what a row keeps.</summary>
    internal static SplitDescription? Of(string? dataRearrangement)
    {
        if (string.IsNullOrEmpty(dataRearrangement))
            return null;
        var split = DataSplit.Parse(dataRearrangement);
        return new SplitDescription
        {
            PercentBegin = split.PercentBegin,
            PercentEnd = split.PercentEnd,
            Strategy = split.Strategy == SplitStrategy.Random ? SplitStrategyName.Random : SplitStrategyName.Sequential,
            Seed = split.Seed.Length == 0 ? null : split.Seed,
            Complement = split.Complement,
        };
    }

    /// <summary>The split as the engine has it.</summary>
    /// <exception cref="Problems.ProblemException">A percentage is out of range.</exception>
    internal DataSplit ToDataSplit()
    {
        CheckPercent("split.percentBegin", PercentBegin);
        CheckPercent("split.percentEnd", PercentEnd);
        if (PercentBegin >= PercentEnd)
            throw ResourceProblems.Invalid("split.percentEnd",
                $"split.percentEnd {PercentEnd} is not above split.percentBegin {PercentBegin}. Exchange them, or set complement for the rows outside of a part.");
        var strategy = Strategy == SplitStrategyName.Random ? SplitStrategy.Random : SplitStrategy.Sequential;
        return new DataSplit(PercentBegin, PercentEnd, strategy, Seed ?? "", Complement);
    }

    private static void CheckPercent(string field, double percent)
    {
        if (percent is not (>= 0 and <= 100))
            throw ResourceProblems.Invalid(field, $"{field} is {percent}; it is a percentage from 0 to 100.");
    }
}

/// <summary>How the rows of a split are chosen.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SplitStrategyName>))]
public enum SplitStrategyName
{
    /// <summary>In file order.</summary>
    [JsonStringEnumMemberName("sequential")]
    Sequential,

    /// <summary>By a pseudo-random number for each row.</summary>
    [JsonStringEnumMemberName("random")]
    Random,
}
