using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlService.Metadata.Migrations.Sqlite;

/// <inheritdoc/>
[DbContext(typeof(SqliteMetadataContext))]
[Migration("20261231000000_ListIndexes")]
public sealed class SqliteListIndexes : ListIndexes;
