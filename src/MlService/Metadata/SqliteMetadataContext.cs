using Microsoft.EntityFrameworkCore;

namespace MlService.Metadata;

/// <summary>The metadata store in a SQLite file, the embedded default; its migrations are in <c>Migrations/Sqlite</c>.</summary>
public sealed class SqliteMetadataContext(DbContextOptions<SqliteMetadataContext> options) : MetadataContext(options);
