namespace MlService.Amazon;

/// <summary>Who created a resource, as Amazon names users. There is one account, and its number is zero.</summary>
internal static class UserArn
{
    /// <summary>Where there are no keys, the user of the machine.</summary>
    public const string Root = "arn:aws:iam::000000000000:root";

    /// <summary>What the names of all others begin with; the id of the access key follows.</summary>
    public const string Users = "arn:aws:iam::000000000000:user/";

    /// <summary>The name of a resource's creator.</summary>
    public static string Of(string? createdBy) => createdBy is null ? Root : Users + createdBy;
}
