using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MlService.Metadata.Migrations.Sqlite
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
                    Id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    SealedSecret = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Scopes = table.Column<int>(type: "INTEGER", nullable: false),
                    Limits = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    CreatedBy = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    LastUsedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    RevokedAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_access_keys", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "audit",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Who = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Action = table.Column<string>(type: "TEXT", maxLength: 1280, nullable: false),
                    Target = table.Column<string>(type: "TEXT", maxLength: 1280, nullable: false),
                    Status = table.Column<int>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "batch_predictions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    ModelId = table.Column<string>(type: "TEXT", nullable: false),
                    DataSourceId = table.Column<string>(type: "TEXT", nullable: false),
                    OutputUri = table.Column<string>(type: "TEXT", nullable: false),
                    DataLocation = table.Column<string>(type: "TEXT", nullable: true),
                    TotalRecordCount = table.Column<long>(type: "INTEGER", nullable: true),
                    InvalidRecordCount = table.Column<long>(type: "INTEGER", nullable: true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 1024, nullable: true),
                    Status = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Message = table.Column<string>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    CreatedBy = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    UpdatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    ComputeMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    Attempt = table.Column<int>(type: "INTEGER", nullable: false),
                    IsAdmitted = table.Column<bool>(type: "INTEGER", nullable: false),
                    Faults = table.Column<int>(type: "INTEGER", nullable: false),
                    Interruptions = table.Column<int>(type: "INTEGER", nullable: false),
                    CancelRequested = table.Column<bool>(type: "INTEGER", nullable: false),
                    Progress_Phase = table.Column<string>(type: "TEXT", nullable: true),
                    Progress_Percent = table.Column<double>(type: "REAL", nullable: false),
                    Progress_Rows = table.Column<long>(type: "INTEGER", nullable: false),
                    Progress_RowsPerSecond = table.Column<double>(type: "REAL", nullable: false),
                    Progress_Pass = table.Column<int>(type: "INTEGER", nullable: true),
                    Progress_Loss = table.Column<double>(type: "REAL", nullable: true),
                    RequestHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Artifacts = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_batch_predictions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "data_sources",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    DataLocation = table.Column<string>(type: "TEXT", nullable: false),
                    Database = table.Column<string>(type: "TEXT", nullable: true),
                    Query = table.Column<string>(type: "TEXT", nullable: true),
                    StagingLocation = table.Column<string>(type: "TEXT", nullable: true),
                    Origin = table.Column<string>(type: "TEXT", nullable: true),
                    Schema = table.Column<string>(type: "TEXT", nullable: true),
                    SchemaLocation = table.Column<string>(type: "TEXT", nullable: true),
                    DataRearrangement = table.Column<string>(type: "TEXT", nullable: true),
                    ComputeStatistics = table.Column<bool>(type: "INTEGER", nullable: false),
                    DataSizeInBytes = table.Column<long>(type: "INTEGER", nullable: true),
                    NumberOfFiles = table.Column<int>(type: "INTEGER", nullable: true),
                    Rows = table.Column<long>(type: "INTEGER", nullable: true),
                    RejectedRows = table.Column<long>(type: "INTEGER", nullable: true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 1024, nullable: true),
                    Status = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Message = table.Column<string>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    CreatedBy = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    UpdatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    ComputeMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    Attempt = table.Column<int>(type: "INTEGER", nullable: false),
                    IsAdmitted = table.Column<bool>(type: "INTEGER", nullable: false),
                    Faults = table.Column<int>(type: "INTEGER", nullable: false),
                    Interruptions = table.Column<int>(type: "INTEGER", nullable: false),
                    CancelRequested = table.Column<bool>(type: "INTEGER", nullable: false),
                    Progress_Phase = table.Column<string>(type: "TEXT", nullable: true),
                    Progress_Percent = table.Column<double>(type: "REAL", nullable: false),
                    Progress_Rows = table.Column<long>(type: "INTEGER", nullable: false),
                    Progress_RowsPerSecond = table.Column<double>(type: "REAL", nullable: false),
                    Progress_Pass = table.Column<int>(type: "INTEGER", nullable: true),
                    Progress_Loss = table.Column<double>(type: "REAL", nullable: true),
                    RequestHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Artifacts = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_data_sources", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "evaluations",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    ModelId = table.Column<string>(type: "TEXT", nullable: false),
                    DataSourceId = table.Column<string>(type: "TEXT", nullable: false),
                    DataLocation = table.Column<string>(type: "TEXT", nullable: true),
                    MetricName = table.Column<string>(type: "TEXT", nullable: true),
                    MetricValue = table.Column<double>(type: "REAL", nullable: true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 1024, nullable: true),
                    Status = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Message = table.Column<string>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    CreatedBy = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    UpdatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    ComputeMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    Attempt = table.Column<int>(type: "INTEGER", nullable: false),
                    IsAdmitted = table.Column<bool>(type: "INTEGER", nullable: false),
                    Faults = table.Column<int>(type: "INTEGER", nullable: false),
                    Interruptions = table.Column<int>(type: "INTEGER", nullable: false),
                    CancelRequested = table.Column<bool>(type: "INTEGER", nullable: false),
                    Progress_Phase = table.Column<string>(type: "TEXT", nullable: true),
                    Progress_Percent = table.Column<double>(type: "REAL", nullable: false),
                    Progress_Rows = table.Column<long>(type: "INTEGER", nullable: false),
                    Progress_RowsPerSecond = table.Column<double>(type: "REAL", nullable: false),
                    Progress_Pass = table.Column<int>(type: "INTEGER", nullable: true),
                    Progress_Loss = table.Column<double>(type: "REAL", nullable: true),
                    RequestHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Artifacts = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_evaluations", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "models",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Type = table.Column<string>(type: "TEXT", nullable: true),
                    TrainingDataSourceId = table.Column<string>(type: "TEXT", nullable: false),
                    Recipe = table.Column<string>(type: "TEXT", nullable: true),
                    RecipeLocation = table.Column<string>(type: "TEXT", nullable: true),
                    Parameters = table.Column<string>(type: "TEXT", nullable: false),
                    DataLocation = table.Column<string>(type: "TEXT", nullable: true),
                    SizeInBytes = table.Column<long>(type: "INTEGER", nullable: true),
                    ScoreThreshold = table.Column<double>(type: "REAL", nullable: false),
                    ScoreThresholdUpdatedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    EndpointCreatedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 1024, nullable: true),
                    Status = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Message = table.Column<string>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    CreatedBy = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    UpdatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    ComputeMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    Attempt = table.Column<int>(type: "INTEGER", nullable: false),
                    IsAdmitted = table.Column<bool>(type: "INTEGER", nullable: false),
                    Faults = table.Column<int>(type: "INTEGER", nullable: false),
                    Interruptions = table.Column<int>(type: "INTEGER", nullable: false),
                    CancelRequested = table.Column<bool>(type: "INTEGER", nullable: false),
                    Progress_Phase = table.Column<string>(type: "TEXT", nullable: true),
                    Progress_Percent = table.Column<double>(type: "REAL", nullable: false),
                    Progress_Rows = table.Column<long>(type: "INTEGER", nullable: false),
                    Progress_RowsPerSecond = table.Column<double>(type: "REAL", nullable: false),
                    Progress_Pass = table.Column<int>(type: "INTEGER", nullable: true),
                    Progress_Loss = table.Column<double>(type: "REAL", nullable: true),
                    RequestHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Artifacts = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_models", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "seen_signatures",
                columns: table => new
                {
                    Signature = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    SeenAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_seen_signatures", x => x.Signature);
                });

            migrationBuilder.CreateTable(
                name: "tags",
                columns: table => new
                {
                    ResourceKind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    ResourceId = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Key = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    Value = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true)
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
