using MlService.Access;
using MlService.Amazon;
using MlService.BatchPredictions;
using MlService.Console;
using MlService.Databases;
using MlService.DataSources;
using MlService.Evaluations;
using MlService.Health;
using MlService.Jobs;
using MlService.Limits;
using MlService.Logging;
using MlService.Metadata;
using MlService.Models;
using MlService.OpenApi;
using MlService.Problems;
using MlService.Realtime;
using MlService.Samples;
using MlService.Storage;

namespace MlService;

/// <summary>The service, put together: one line for each room.</summary>
public static class ServiceApplication
{
    /// <summary>Builds the service from configuration (files, environment, command line); nothing runs yet.</summary>
    /// <exception cref="Learning.InvalidInputException">The configuration asks for something that cannot be had.</exception>
    public static WebApplication Build(string[] args)
    {
        // Settings are read once: to watch their files would be to watch every directory below the one where the program was started.
        var builder = WebApplication.CreateBuilder(ConsoleSetup.Options(["--hostBuilder:reloadConfigOnChange=false", .. args]));
        var data = DataOptions.Read(builder.Configuration);
        var directory = DataDirectory.Open(data.Directory, data.ReserveBytes);
        builder.Services.AddSingleton(_ => directory);
        builder.AddLogging();
        builder.Services.AddProblems();
        builder.Services.AddLimits();
        builder.Services.AddMetadata(builder.Configuration, directory);
        builder.Services.AddAccess(builder.Configuration);
        builder.Services.AddStorage(builder.Configuration, directory);
        builder.Services.AddResources();
        builder.Services.AddOpenApiDocument(AccessSetup.AsksForKeys(builder.Configuration));
        builder.Services.AddRealtime();
        builder.Services.AddAmazon();
        builder.Services.AddHostedService<SampleUpload>();
        builder.AddJobs();
        builder.AddConsole(directory);
        builder.Services.AddSingleton<TrainedModels>();
        builder.Services.AddSingleton<DataTurns>();
        builder.Services.AddSingleton<ResourceJob, DataSourceJob>();
        builder.Services.AddSingleton<ResourceJob, ModelJob>();
        builder.Services.AddSingleton<ResourceJob, EvaluationJob>();
        builder.Services.AddSingleton<ResourceJob, BatchPredictionJob>();

        var app = builder.Build();
        app.UseRequestLog();
        app.UseProblems();
        app.UseLimits();
        app.UseAmazonErrors();
        app.UseAccess();
        app.UseRealtime();
        app.UseAmazon();
        app.UseOpenApiDocument();
        app.CheckDatabases();
        app.MapHealth();
        if (ClusterOptions.RoleOf(app.Configuration) == ProcessRole.Worker)
            return app;
        app.MapObjects();
        app.MapResources();
        app.MapRealtime();
        app.MapAccess();
        app.MapConsole();
        return app;
    }

    /// <summary>Brings the metadata store up to date, then starts to serve.</summary>
    public static async Task Start(WebApplication app, CancellationToken cancellation = default)
    {
        await app.Services.MigrateMetadata(cancellation);
        await app.Services.PrepareAccess(cancellation);
        await app.StartAsync(cancellation);
    }
}
