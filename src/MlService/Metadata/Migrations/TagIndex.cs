using Microsoft.EntityFrameworkCore.Migrations;

namespace MlService.Metadata.Migrations;

/// <summary>Lets lists find resources by a tag without asking each of them for its tags.</summary>
public abstract class TagIndex : Migration
{
    private const string Name = "IX_tags_ResourceKind_Key_Value_ResourceId";

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.CreateIndex(Name, "tags", ["ResourceKind", "Key", "Value", "ResourceId"]);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropIndex(Name, "tags");
}
