using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlService.Metadata.Migrations.PostgreSql;

/// <inheritdoc/>
[DbContext(typeof(PostgreSqlMetadataContext))]
[Migration("20261231000002_TagIndex")]
public sealed class PostgreSqlTagIndex : TagIndex;
