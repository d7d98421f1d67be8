using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlService.Metadata.Migrations.PostgreSql;

/// <summary>
/// Lists take an absent text for an empty one; these indexes let them sort and compare by columns that may be NULL without reading
/// all rows. Written by hand, since EF Core's models know no indexes on expressions.
/// </summary>
[DbContext(typeof(PostgreSqlMetadataContext))]
[Migration("20261231000001_TextOrder")]
public sealed class TextOrder : Migration
{
    private static readonly (string Table, string Column)[] Orders =
    [
        ("data_sources", "Name"),
        ("models", "Name"), ("models", "DataLocation"), ("models", "Type"),
        ("evaluations", "Name"), ("evaluations", "DataLocation"),
        ("batch_predictions", "Name"), ("batch_predictions", "DataLocation"),
    ];

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var (table, column) in Orders)
            migrationBuilder.Sql($"""
                CREATE INDEX "{Name(table, column)}" ON {table} (COALESCE("{column}", ''), "CreatedAt", "Id")
                """);
    }

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        foreach (var (table, column) in Orders)
            migrationBuilder.Sql($"""
                DROP INDEX "{Name(table, column)}"
                """);
    }

    private static string Name(string table, string column) => $"IX_{table}_{column}_order";
}
