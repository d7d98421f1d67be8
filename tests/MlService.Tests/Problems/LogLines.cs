using System.Collections.Concurrent;

namespace MlService.Tests.Problems;

/// <summary>Keeps what is logged, exceptions included.</summary>
internal sealed class LogLines : ConcurrentQueue<string>, ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Enqueue($"{logLevel} {formatter(state, exception)} {exception}");
    }

    public void Dispose() { }
}
