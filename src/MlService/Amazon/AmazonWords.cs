using System.Text.RegularExpressions;
using MlService.Metadata;
using MlService.Models;
using MlService.Problems;

namespace MlService.Amazon;

/// <summary>Says what the catalogs say, with the names of Amazon's members and operations in place of the REST face's.</summary>
internal static partial class AmazonWords
{
    private static readonly Dictionary<string, string> Members = new(StringComparer.Ordinal)
    {
        ["trainingDatasourceId"] = "TrainingDataSourceId",
        ["modelId"] = "MLModelId",
        ["dataLocation"] = "DataLocationS3",
        ["database"] = "DatabaseInformation",
        ["query"] = "SelectSqlQuery",
        ["stagingLocation"] = "S3StagingLocation",
        ["schema"] = "DataSchema",
        ["schemaLocation"] = "DataSchemaLocationS3",
        ["split"] = "DataRearrangement",
        ["computeStatistics"] = "ComputeStatistics",
        ["type"] = "MLModelType",
        ["recipe"] = "Recipe",
        ["recipeLocation"] = "RecipeUri",
        ["parameters"] = "Parameters",
        ["scoreThreshold"] = "ScoreThreshold",
        ["outputUri"] = "OutputUri",
        ["createdAt"] = "CreatedAt",
        ["updatedAt"] = "LastUpdatedAt",
        ["cursor"] = "NextToken",
        ["nextCursor"] = "NextToken",
        ["tags"] = "Tags",
        ["status"] = "Status",
        ["endpoint"] = "RealtimeEndpointStatus",
    };

    /// <summary>The name of a kind of resource.</summary>
    public static string ToAmazon(this ResourceKind kind) => kind == ResourceKind.Model ? "MLModel" : kind.ToString();

    /// <summary>A problem's message.</summary>
    public static string Translate(ProblemException problem, Operation? operation) => problem switch
    {
        // The one message of Amazon's that is known.
        ResourceNotFoundException missing => $"No {missing.Key.Kind.ToAmazon()} with id {missing.Key.Id} exists",
        { Kind: var kind } when kind == EndpointProblems.Closed =>
            "The MLModel has no real-time endpoint that is READY. Create it first: CreateRealtimeEndpoint.",
        { Kind: var kind } when kind == EndpointProblems.Open =>
            "The MLModel has a real-time endpoint. Delete it first: DeleteRealtimeEndpoint.",
        _ => Translate(problem.Message, operation),
    };

    /// <summary>A message of a catalog or a job.</summary>
    public static string Translate(string message, Operation? operation) => Word().Replace(message, word => Member(word, operation) ?? word.Value);

    private static string? Member(Match word, Operation? operation)
    {
        // Short words are members only where a message begins with them; elsewhere they are English.
        if (word.Index > 0 && word.Value.All(char.IsAsciiLetterLower))
            return null;
        return word.Value switch
        {
            "datasourceId" => Ending("DataSourceId", operation),
            "name" => Ending("Name", operation),
            "id" => operation?.SubjectMember,
            _ => Members.GetValueOrDefault(word.Value),
        };
    }

    private static string? Ending(string ending, Operation? operation) =>
        operation?.Input.Members.FirstOrDefault(member => member.Name.EndsWith(ending, StringComparison.Ordinal))?.Name;

    // Not within quotes or addresses: there stands what the client sent.
    [GeneratedRegex(@"(?<!['""/\w])[a-z]+(?:[A-Z][a-z0-9]+)*(?!['""/\w])", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
