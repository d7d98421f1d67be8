using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace MlService.Metadata.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "access_keys",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true, collation: "C"),
                    SealedSecret = table.Column<byte[]>(type: "bytea", nullable: false),
                    Scopes = table.Column<int>(type: "integer", nullable: false),
                    Limits = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    CreatedBy = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    LastUsedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    RevokedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_access_keys", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "audit",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    Who = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    Action = table.Column<string>(type: "character varying(1280)", maxLength: 1280, nullable: false, collation: "C"),
                    Target = table.Column<string>(type: "character varying(1280)", maxLength: 1280, nullable: false, collation: "C"),
                    Status = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "batch_predictions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    ModelId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    DataSourceId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    OutputUri = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    DataLocation = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    TotalRecordCount = table.Column<long>(type: "bigint", nullable: true),
                    InvalidRecordCount = table.Column<long>(type: "bigint", nullable: true),
                    Name = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: true, collation: "C"),
                    Status = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false, collation: "C"),
                    Message = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    CreatedBy = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ComputeMilliseconds = table.Column<long>(type: "bigint", nullable: false),
                    Attempt = table.Column<int>(type: "integer", nullable: false),
                    IsAdmitted = table.Column<bool>(type: "boolean", nullable: false),
                    Faults = table.Column<int>(type: "integer", nullable: false),
                    Interruptions = table.Column<int>(type: "integer", nullable: false),
                    CancelRequested = table.Column<bool>(type: "boolean", nullable: false),
                    Progress_Phase = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Progress_Percent = table.Column<double>(type: "double precision", nullable: false),
                    Progress_Rows = table.Column<long>(type: "bigint", nullable: false),
                    Progress_RowsPerSecond = table.Column<double>(type: "double precision", nullable: false),
                    Progress_Pass = table.Column<int>(type: "integer", nullable: true),
                    Progress_Loss = table.Column<double>(type: "double precision", nullable: true),
                    RequestHash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    Artifacts = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_batch_predictions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "data_sources",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    DataLocation = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Database = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Query = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    StagingLocation = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Origin = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Schema = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    SchemaLocation = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    DataRearrangement = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ComputeStatistics = table.Column<bool>(type: "boolean", nullable: false),
                    DataSizeInBytes = table.Column<long>(type: "bigint", nullable: true),
                    NumberOfFiles = table.Column<int>(type: "integer", nullable: true),
                    Rows = table.Column<long>(type: "bigint", nullable: true),
                    RejectedRows = table.Column<long>(type: "bigint", nullable: true),
                    Name = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: true, collation: "C"),
                    Status = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false, collation: "C"),
                    Message = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    CreatedBy = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ComputeMilliseconds = table.Column<long>(type: "bigint", nullable: false),
                    Attempt = table.Column<int>(type: "integer", nullable: false),
                    IsAdmitted = table.Column<bool>(type: "boolean", nullable: false),
                    Faults = table.Column<int>(type: "integer", nullable: false),
                    Interruptions = table.Column<int>(type: "integer", nullable: false),
                    CancelRequested = table.Column<bool>(type: "boolean", nullable: false),
                    Progress_Phase = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Progress_Percent = table.Column<double>(type: "double precision", nullable: false),
                    Progress_Rows = table.Column<long>(type: "bigint", nullable: false),
                    Progress_RowsPerSecond = table.Column<double>(type: "double precision", nullable: false),
                    Progress_Pass = table.Column<int>(type: "integer", nullable: true),
                    Progress_Loss = table.Column<double>(type: "double precision", nullable: true),
                    RequestHash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    Artifacts = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_data_sources", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "evaluations",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    ModelId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    DataSourceId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    DataLocation = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    MetricName = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    MetricValue = table.Column<double>(type: "double precision", nullable: true),
                    Name = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: true, collation: "C"),
                    Status = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false, collation: "C"),
                    Message = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    CreatedBy = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ComputeMilliseconds = table.Column<long>(type: "bigint", nullable: false),
                    Attempt = table.Column<int>(type: "integer", nullable: false),
                    IsAdmitted = table.Column<bool>(type: "boolean", nullable: false),
                    Faults = table.Column<int>(type: "integer", nullable: false),
                    Interruptions = table.Column<int>(type: "integer", nullable: false),
                    CancelRequested = table.Column<bool>(type: "boolean", nullable: false),
                    Progress_Phase = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Progress_Percent = table.Column<double>(type: "double precision", nullable: false),
                    Progress_Rows = table.Column<long>(type: "bigint", nullable: false),
                    Progress_RowsPerSecond = table.Column<double>(type: "double precision", nullable: false),
                    Progress_Pass = table.Column<int>(type: "integer", nullable: true),
                    Progress_Loss = table.Column<double>(type: "double precision", nullable: true),
                    RequestHash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    Artifacts = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_evaluations", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "models",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    Type = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    TrainingDataSourceId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Recipe = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    RecipeLocation = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Parameters = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    DataLocation = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    SizeInBytes = table.Column<long>(type: "bigint", nullable: true),
                    ScoreThreshold = table.Column<double>(type: "double precision", nullable: false),
                    ScoreThresholdUpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    EndpointCreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Name = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: true, collation: "C"),
                    Status = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false, collation: "C"),
                    Message = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    CreatedBy = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true, collation: "C"),
                    UpdatedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    ComputeMilliseconds = table.Column<long>(type: "bigint", nullable: false),
                    Attempt = table.Column<int>(type: "integer", nullable: false),
                    IsAdmitted = table.Column<bool>(type: "boolean", nullable: false),
                    Faults = table.Column<int>(type: "integer", nullable: false),
                    Interruptions = table.Column<int>(type: "integer", nullable: false),
                    CancelRequested = table.Column<bool>(type: "boolean", nullable: false),
                    Progress_Phase = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Progress_Percent = table.Column<double>(type: "double precision", nullable: false),
                    Progress_Rows = table.Column<long>(type: "bigint", nullable: false),
                    Progress_RowsPerSecond = table.Column<double>(type: "double precision", nullable: false),
                    Progress_Pass = table.Column<int>(type: "integer", nullable: true),
                    Progress_Loss = table.Column<double>(type: "double precision", nullable: true),
                    RequestHash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    Artifacts = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_models", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "seen_signatures",
                columns: table => new
                {
                    Signature = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    SeenAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_seen_signatures", x => x.Signature);
                });

            migrationBuilder.CreateTable(
                name: "tags",
                columns: table => new
                {
                    ResourceKind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false, collation: "C"),
                    ResourceId = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false, collation: "C"),
                    Key = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false, collation: "C"),
                    Value = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tags", x => new { x.ResourceKind, x.ResourceId, x.Key });
                });

            migrationBuilder.CreateIndex(
                name: "IX_access_keys_CreatedAt_Id",
                table: "access_keys",
                columns: new[] { "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_audit_At",
                table: "audit",
                column: "At");

            migrationBuilder.CreateIndex(
                name: "IX_audit_Who_Id",
                table: "audit",
                columns: new[] { "Who", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_batch_predictions_CreatedAt_Id",
                table: "batch_predictions",
                columns: new[] { "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_batch_predictions_DataSourceId_CreatedAt_Id",
                table: "batch_predictions",
                columns: new[] { "DataSourceId", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_batch_predictions_ModelId_CreatedAt_Id",
                table: "batch_predictions",
                columns: new[] { "ModelId", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_batch_predictions_Status_CreatedAt_Id",
                table: "batch_predictions",
                columns: new[] { "Status", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_batch_predictions_UpdatedAt_CreatedAt_Id",
                table: "batch_predictions",
                columns: new[] { "UpdatedAt", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_data_sources_CreatedAt_Id",
                table: "data_sources",
                columns: new[] { "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_data_sources_DataLocation_CreatedAt_Id",
                table: "data_sources",
                columns: new[] { "DataLocation", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_data_sources_Status_CreatedAt_Id",
                table: "data_sources",
                columns: new[] { "Status", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_data_sources_UpdatedAt_CreatedAt_Id",
                table: "data_sources",
                columns: new[] { "UpdatedAt", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_evaluations_CreatedAt_Id",
                table: "evaluations",
                columns: new[] { "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_evaluations_DataSourceId_CreatedAt_Id",
                table: "evaluations",
                columns: new[] { "DataSourceId", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_evaluations_ModelId_CreatedAt_Id",
                table: "evaluations",
                columns: new[] { "ModelId", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_evaluations_Status_CreatedAt_Id",
                table: "evaluations",
                columns: new[] { "Status", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_evaluations_UpdatedAt_CreatedAt_Id",
                table: "evaluations",
                columns: new[] { "UpdatedAt", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_models_CreatedAt_Id",
                table: "models",
                columns: new[] { "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_models_EndpointCreatedAt_CreatedAt_Id",
                table: "models",
                columns: new[] { "EndpointCreatedAt", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_models_Status_CreatedAt_Id",
                table: "models",
                columns: new[] { "Status", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_models_TrainingDataSourceId_CreatedAt_Id",
                table: "models",
                columns: new[] { "TrainingDataSourceId", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_models_UpdatedAt_CreatedAt_Id",
                table: "models",
                columns: new[] { "UpdatedAt", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_seen_signatures_SeenAt",
                table: "seen_signatures",
                column: "SeenAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "access_keys");

            migrationBuilder.DropTable(
                name: "audit");

            migrationBuilder.DropTable(
                name: "batch_predictions");

            migrationBuilder.DropTable(
                name: "data_sources");

            migrationBuilder.DropTable(
                name: "evaluations");

            migrationBuilder.DropTable(
                name: "models");

            migrationBuilder.DropTable(
                name: "seen_signatures");

            migrationBuilder.DropTable(
                name: "tags");
        }
    }
}
