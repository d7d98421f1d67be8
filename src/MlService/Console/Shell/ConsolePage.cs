using Microsoft.AspNetCore.Components;
using MlService.Events;
using MlService.Learning;
using MlService.Metadata;
using MlService.Problems;

namespace MlService.Console.Shell;

/// <summary>What pages of the console share: they ask through the visitor, say what went wrong in words, and follow what changes.</summary>
public abstract class ConsolePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly List<EventSubscription> _followed = [];

    /// <summary>Prepares the end of the page.</summary>
    protected ConsolePage() => Gone = _gone.Token;

    /// <summary>Who looks at the page.</summary>
    [Inject]
    public required Visitor Visitor { get; set; }

    /// <summary>The way to other pages.</summary>
    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    internal ResourceEvents Events { get; set; } = null!;

    /// <summary>Why the last thing that was tried did not come about; null if it did.</summary>
    protected Trouble? Trouble { get; set; }

    /// <summary>Whether something is being tried.</summary>
    protected bool IsBusy { get; private set; }

    /// <summary>Whether the visitor may change things; known once something was read.</summary>
    protected bool MayChange { get; private set; }

    /// <summary>Ends when the page is left.</summary>
    protected CancellationToken Gone { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Tries something, and keeps what went wrong to be shown.</summary>
    /// <returns>Whether it came about.</returns>
    protected async Task<bool> Try(Func<Task> act)
    {
        IsBusy = true;
        Trouble = null;
        try
        {
            MayChange = await Visitor.MayChange(Gone);
            await act();
            return true;
        }
        catch (ProblemException problem)
        {
            Trouble = Trouble.Of(problem);
        }
        catch (InvalidInputException fault)
        {
            Trouble = new Trouble(ProblemKind.InvalidInput, fault.Message);
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            IsBusy = false;
        }
        return false;
    }

    /// <summary>
    /// Loads, and then tells of resources that change, as long as the page is open. It listens from before the load: what changes
    /// meanwhile waits, so that no change falls between the two. Where the load fails, nothing is told.
    /// </summary>
    /// <param name="interest">Which resources.</param>
    /// <param name="load">Reads what the page shows at first.</param>
    /// <param name="tell">Takes their new states, at least one; the page is drawn again afterwards.</param>
    protected async Task Follow(Func<ResourceKey, bool> interest, Func<Task> load, Func<IReadOnlyList<Tagged<Resource>>, Task> tell)
    {
        // A page that is drawn once, for its first answer, has no later.
        var subscription = RendererInfo.IsInteractive && !Gone.IsCancellationRequested ? Events.Subscribe(interest) : null;
        if (subscription is not null)
            _followed.Add(subscription);
        var isLoaded = await Try(load);
        if (subscription is null)
            return;
        if (isLoaded)
        {
            _ = Listen(subscription, tell);
            return;
        }
        _followed.Remove(subscription);
        subscription.Dispose();
    }

    /// <summary>Stops what the page follows.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _gone.Cancel();
        _followed.ForEach(subscription => subscription.Dispose());
        _gone.Dispose();
    }

    private async Task Listen(EventSubscription subscription, Func<IReadOnlyList<Tagged<Resource>>, Task> tell)
    {
        var gone = Gone;
        try
        {
            while (!gone.IsCancellationRequested)
            {
                await subscription.Wait(gone);
                await InvokeAsync(async () =>
                {
                    // What came while the last changes were taken was among them.
                    if (subscription.Take() is not { Count: > 0 } changed)
                        return;
                    await tell(changed);
                    StateHasChanged();
                });
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The page was left.
        }
        catch (Exception exception) when (!gone.IsCancellationRequested)
        {
            await DispatchExceptionAsync(exception);
        }
    }
}

/// <summary>Something that did not come about.</summary>
/// <param name="Kind">The class of error.</param>
/// <param name="Detail">What is wrong, and what to do about it.</param>
/// <param name="Field">The field at fault.</param>
/// <param name="Line">The line at fault, from 1.</param>
public sealed record Trouble(ProblemKind Kind, string Detail, string? Field = null, long? Line = null)
{
    internal static Trouble Of(ProblemException problem) => new(problem.Kind, problem.Message, problem.Field, problem.Line);
}
