using Microsoft.EntityFrameworkCore.Migrations;

namespace MlService.Metadata.Migrations;

/// <summary>
/// Lists take an absent text for an empty one, and an endpoint for open or not; these indexes let them filter and sort so without reading
/// all rows. Written by hand, since EF Core's models know no indexes on expressions; SQLite and PostgreSQL have the same words for them.
/// </summary>
public abstract class ListIndexes : Migration
{
    private static readonly (string Table, string Column, string Expression)[] Indexes =
    [
        .. from table in new[] { "data_sources", "models", "evaluations", "batch_predictions" }
           from column in new[] { "Name", "CreatedBy" }
           select Text(table, column),
        Text("models", "DataLocation"), Text("models", "Type"), Text("evaluations", "DataLocation"), Text("batch_predictions", "DataLocation"),
        ("models", "Endpoint", "(\"EndpointCreatedAt\" IS NOT NULL)"),
    ];

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var (table, column, expression) in Indexes)
            migrationBuilder.Sql($"""
                CREATE INDEX "{Name(table, column)}" ON {table} ({expression}, "CreatedAt", "Id")
                """);
    }

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        foreach (var (table, column, _) in Indexes)
            migrationBuilder.Sql($"""
                DROP INDEX "{Name(table, column)}"
                """);
    }

    private static (string Table, string Column, string Expression) Text(string table, string column) =>
        (table, column, $"COALESCE(\"{column}\", '')");

    private static string Name(string table, string column) => $"IX_{table}_{column}_order";
}
