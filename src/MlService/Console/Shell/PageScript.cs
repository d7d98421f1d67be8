using Microsoft.JSInterop;

namespace MlService.Console.Shell;

/// <summary>A script that belongs to a component. Where the browser has gone its scripts went with it, which is no error.</summary>
public sealed class PageScript(IJSRuntime js) : IAsyncDisposable
{
    private IJSObjectReference? _module;

    /// <summary>Loads the script.</summary>
    /// <param name="address">Where it lies, relative to the page's base.</param>
    public Task Load(string address) => InBrowser(async () => _module = await js.InvokeAsync<IJSObjectReference>("import", $"./{address}"));

    /// <summary>Calls one of its functions.</summary>
    public Task Call(string function, params object?[] arguments) => InBrowser(async () =>
    {
        if (_module is not null)
            await _module.InvokeVoidAsync(function, arguments);
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_module is { } module)
            await InBrowser(() => module.DisposeAsync().AsTask());
    }

    private static async Task InBrowser(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            // The browser has gone.
        }
    }
}
