using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlService.Metadata.Migrations.PostgreSql;

/// <inheritdoc/>
[DbContext(typeof(PostgreSqlMetadataContext))]
[Migration("20261231000001_ListIndexes")]
public sealed class PostgreSqlListIndexes : ListIndexes;
