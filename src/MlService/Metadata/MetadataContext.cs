using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using MlService.Access;
using MlService.BatchPredictions;
using MlService.DataSources;
using MlService.Evaluations;
using MlService.Learning;
using MlService.Models;
using MlService.Tags;

namespace MlService.Metadata;

/// <summary>The metadata store: a row per resource, which is also its job.</summary>
public abstract class MetadataContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>All datasources.</summary>
    public DbSet<DataSource> DataSources => Set<DataSource>();

    /// <summary>All models.</summary>
    public DbSet<Model> Models => Set<Model>();

    /// <summary>All evaluations.</summary>
    public DbSet<Evaluation> Evaluations => Set<Evaluation>();

    /// <summary>All batch predictions.</summary>
    public DbSet<BatchPrediction> BatchPredictions => Set<BatchPrediction>();

    /// <summary>All tags.</summary>
    public DbSet<Tag> Tags => Set<Tag>();

    /// <summary>All access keys, revoked ones too.</summary>
    public DbSet<AccessKey> AccessKeys => Set<AccessKey>();

    /// <summary>All changes that were asked for.</summary>
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    /// <summary>Signatures of changes that may not come again.</summary>
    public DbSet<SeenSignature> SeenSignatures => Set<SeenSignature>();

    /// <summary>The rows of one kind, as what all kinds share.</summary>
    public IQueryable<Resource> Resources(ResourceKind kind) => kind switch
    {
        ResourceKind.DataSource => DataSources,
        ResourceKind.Model => Models,
        ResourceKind.Evaluation => Evaluations,
        ResourceKind.BatchPrediction => BatchPredictions,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Applies pending migrations, once, however many processes do so at the same time.</summary>
    /// <exception cref="InvalidInputException">A newer version has brought the store up to date.</exception>
    public abstract Task Migrate(CancellationToken cancellation);

    /// <summary>Refuses a store that has tables which this version does not know: it might write what the other cannot read.</summary>
    /// <exception cref="InvalidInputException">It is such a one.</exception>
    protected async Task RequireKnown(CancellationToken cancellation)
    {
        var unknown = (await Database.GetAppliedMigrationsAsync(cancellation)).Except(Database.GetMigrations()).ToList();
        if (unknown.Count > 0)
            throw new InvalidInputException(
                $"The metadata store was brought up to date by another version of this service, whose '{unknown[^1]}' this one does not know. "
                + "Start that version or a newer one, or restore the backup that was made before it was started.");
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        Describe<DataSource>(modelBuilder, "data_sources", "DataLocation");
        Describe<Model>(modelBuilder, "models", "TrainingDataSourceId", "EndpointCreatedAt");
        Describe<Evaluation>(modelBuilder, "evaluations", "ModelId", "DataSourceId");
        Describe<BatchPrediction>(modelBuilder, "batch_predictions", "ModelId", "DataSourceId");

        modelBuilder.Entity<Model>().Property(model => model.Parameters).HasConversion(
            map => JsonSerializer.Serialize(map, JsonSerializerOptions.Default),
            text => JsonSerializer.Deserialize<Dictionary<string, string>>(text, JsonSerializerOptions.Default) ?? new(),
            new ValueComparer<Dictionary<string, string>>(
                (left, right) => left!.Count == right!.Count && !left.Except(right).Any(),
                map => map.Count,
                map => new Dictionary<string, string>(map)));

        modelBuilder.Entity<Tag>(tag =>
        {
            tag.ToTable("tags");
            tag.HasKey(t => new { t.ResourceKind, t.ResourceId, t.Key });
            tag.Property(t => t.ResourceKind).HasConversion<string>().HasMaxLength(32);
            tag.Property(t => t.ResourceId).HasMaxLength(64);
            tag.Property(t => t.Key).HasMaxLength(128);
            tag.Property(t => t.Value).HasMaxLength(256);
            tag.HasIndex(t => new { t.ResourceKind, t.Key, t.Value, t.ResourceId });
        });

        modelBuilder.Entity<AccessKey>(key =>
        {
            key.ToTable("access_keys");
            key.HasKey(k => k.Id);
            key.Property(k => k.Id).HasMaxLength(AccessKey.MaxIdLength);
            key.Property(k => k.Name).HasMaxLength(AccessKey.MaxNameLength);
            key.Property(k => k.CreatedBy).HasMaxLength(AccessKey.MaxIdLength);
            key.HasIndex(k => new { k.CreatedAt, k.Id });
        });

        modelBuilder.Entity<AuditEntry>(entry =>
        {
            entry.ToTable("audit");
            entry.HasKey(e => e.Id);
            entry.Property(e => e.Who).HasMaxLength(AccessKey.MaxIdLength);
            entry.Property(e => e.Action).HasMaxLength(AuditEntry.MaxTextLength);
            entry.Property(e => e.Target).HasMaxLength(AuditEntry.MaxTextLength);
            entry.HasIndex(e => new { e.Who, e.Id });
            entry.HasIndex(e => e.At);
        });

        modelBuilder.Entity<SeenSignature>(seen =>
        {
            seen.ToTable("seen_signatures");
            seen.HasKey(s => s.Signature);
            seen.Property(s => s.Signature).HasMaxLength(SeenSignature.Length);
            seen.HasIndex(s => s.SeenAt);
        });
    }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();

    /// <summary>
    /// Describes a kind. Each index serves the filters and the sort of lists by one column, ties in the order of creation; those of text that
    /// may be absent are in <see cref="Migrations.ListIndexes"/>.
    /// </summary>
    private static void Describe<T>(ModelBuilder modelBuilder, string table, params string[] listColumns) where T : Resource =>
        modelBuilder.Entity<T>(resource =>
        {
            resource.ToTable(table);
            resource.HasKey(r => r.Id);
            resource.Ignore(r => r.Key).Ignore(r => r.Kind).Ignore(r => r.Dependencies).Ignore(r => r.Locations);
            resource.Property(r => r.Id).HasMaxLength(64);
            resource.Property(r => r.Name).HasMaxLength(1024);
            resource.Property(r => r.Status).HasConversion<string>().HasMaxLength(16);
            resource.Property(r => r.RequestHash).HasMaxLength(64);
            resource.Property(r => r.CreatedBy).HasMaxLength(AccessKey.MaxIdLength);
            resource.OwnsOne(r => r.Progress);
            resource.Navigation(r => r.Progress).IsRequired();
            resource.HasIndex(r => new { r.CreatedAt, r.Id });
            foreach (var column in (ReadOnlySpan<string>)[nameof(Resource.Status), nameof(Resource.UpdatedAt), .. listColumns])
                resource.HasIndex(column, nameof(Resource.CreatedAt), nameof(Resource.Id));
        });

    /// <summary>All times are UTC; SQLite forgets that they are.</summary>
    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(
        time => time.ToUniversalTime(), time => DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
