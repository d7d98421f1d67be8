using System.Text;
using System.Text.Json;
using MlService.DataSources;

namespace MlService.Amazon;

/// <summary>
/// What a client says of the database that a datasource comes from, kept with the datasource to be shown again. Which host is meant and how
/// to log in there the operator has configured under the identifier; the client's password is not kept, and nothing of it is used.
/// </summary>
internal static class DatabaseOrigin
{
    private static readonly StructureShape Form = new(
        ("RDSMetadata", Shapes.RdsMetadata), ("RedshiftMetadata", Shapes.RedshiftMetadata), ("RoleARN", Shapes.RoleArn),
        ("SubnetId", Shapes.EdpResource), ("SecurityGroupIds", Shapes.SecurityGroupIds));

    /// <summary>The origin of a datasource by CreateDataSourceFromRDS.</summary>
    public static string OfRds(Members input, Members data) => ToText(new Members
    {
        ["RDSMetadata"] = new Members
        {
            ["Database"] = data["DatabaseInformation"],
            ["DatabaseUserName"] = User(data),
            ["ResourceRole"] = data["ResourceRole"],
            ["ServiceRole"] = data["ServiceRole"],
        },
        ["RoleARN"] = input["RoleARN"],
        ["SubnetId"] = data["SubnetId"],
        ["SecurityGroupIds"] = data["SecurityGroupIds"],
    });

    /// <summary>The origin of a datasource by CreateDataSourceFromRedshift.</summary>
    public static string OfRedshift(Members input, Members data) => ToText(new Members
    {
        ["RedshiftMetadata"] = new Members { ["RedshiftDatabase"] = data["DatabaseInformation"], ["DatabaseUserName"] = User(data) },
        ["RoleARN"] = input["RoleARN"],
    });

    /// <summary>Shows the origin of a datasource; the query only where it is asked for.</summary>
    public static void Show(DataSource row, bool isVerbose, Members shown)
    {
        if (row.Origin is not { } text)
            return;
        using var json = JsonDocument.Parse(text);
        var origin = (Members)Form.Read(json.RootElement, "");
        shown["RoleARN"] = origin["RoleARN"];
        foreach (var name in (string[])["RDSMetadata", "RedshiftMetadata"])
        {
            if (origin.Structure(name) is not { } metadata)
                continue;
            metadata["SelectSqlQuery"] = isVerbose ? row.Query : null;
            shown[name] = metadata;
        }
    }

    private static object? User(Members data) => data.Structure("DatabaseCredentials")!["Username"];

    private static string ToText(Members origin)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Form.Write(json, origin);
        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
