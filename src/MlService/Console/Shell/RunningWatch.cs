using MlService.Console.Resources;
using MlService.Metadata;
using Microsoft.AspNetCore.Components;

namespace MlService.Console.Shell;

/// <summary>Follows what runs or waits, whoever started it.</summary>
public abstract class RunningWatch : ConsolePage
{
    private readonly Dictionary<ResourceKey, Resource> _running = [];

    /// <summary>All resources.</summary>
    [Inject]
    public required ResourceBook Book { get; set; }

    /// <summary>What runs or waits now: first what runs, then the older.</summary>
    protected IEnumerable<Resource> Running =>
        _running.Values.OrderBy(row => row.Status == ResourceStatus.InProgress ? 0 : 1).ThenBy(row => row.CreatedAt);

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        await Follow(
            _ => true,
            async () => Note(await Visitor.Read(() => Book.Running(Gone))),
            changed =>
            {
                Note(changed);
                return Task.CompletedTask;
            });
    }

    private void Note(IEnumerable<Tagged<Resource>> states)
    {
        foreach (var (row, _) in states)
        {
            if (row.Status is ResourceStatus.Pending or ResourceStatus.InProgress)
                _running[row.Key] = row;
            else
                _running.Remove(row.Key);
        }
    }
}
