namespace MlService.Tests;

/// <summary>The whole service, in this process or in one of its own.</summary>
public interface IRunningService : IAsyncDisposable
{
    HttpClient Client { get; }

    /// <summary>All that it has logged.</summary>
    string Output { get; }
}
