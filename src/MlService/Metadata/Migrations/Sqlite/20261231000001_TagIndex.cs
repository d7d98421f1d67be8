using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlService.Metadata.Migrations.Sqlite;

/// <inheritdoc/>
[DbContext(typeof(SqliteMetadataContext))]
[Migration("20261231000001_TagIndex")]
public sealed class SqliteTagIndex : TagIndex;
