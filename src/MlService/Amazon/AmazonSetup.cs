namespace MlService.Amazon;

/// <summary>Puts the face for Amazon ML's own clients into the service.</summary>
public static class AmazonSetup
{
    /// <summary>Adds the operations.</summary>
    public static IServiceCollection AddAmazon(this IServiceCollection services) => services
        .AddSingleton<OperationSet, DataSourceOperations>()
        .AddSingleton<OperationSet, ModelOperations>()
        .AddSingleton<OperationSet, EvaluationOperations>()
        .AddSingleton<OperationSet, BatchPredictionOperations>()
        .AddSingleton<OperationSet, TagOperations>()
        .AddSingleton<OperationSet, RealtimeOperations>();

    /// <summary>Answers errors of Amazon's calls in Amazon's form; it belongs before whatever refuses calls.</summary>
    public static WebApplication UseAmazonErrors(this WebApplication app)
    {
        app.UseMiddleware<AmazonErrors>();
        return app;
    }

    /// <summary>Answers Amazon's calls; it belongs behind whatever refuses calls.</summary>
    public static WebApplication UseAmazon(this WebApplication app)
    {
        app.UseMiddleware<AmazonProtocol>();
        return app;
    }
}
