using MlService.Metadata;
using MlService.Storage;

namespace MlService.Tests.Chaos;

/// <summary>What lies in the stores beside the finished jobs' own: nothing should.</summary>
internal sealed class Remains(IObjectStore objects, JobTable jobs, IReadOnlyList<Round> rounds)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Waits until the sweeper, which a process runs when it starts, has taken all that is nobody's.</summary>
    /// <returns>What it does not take.</returns>
    public async Task<IReadOnlyList<string>> AfterSweep()
    {
        var deadline = DateTime.UtcNow.AddSeconds(40);
        while (true)
        {
            var found = await Find();
            if (found.Count == 0 || DateTime.UtcNow > deadline)
                return found;
            await Task.Delay(500, Cancellation);
        }
    }

    private async Task<IReadOnlyList<string>> Find()
    {
        var rows = await jobs.Read();
        var found = new List<string>();
        var asked = rounds.SelectMany(round => round.Wanted.Append(round.CalledOff)).ToHashSet();
        found.AddRange(rows.Keys.Where(key => !asked.Contains(key)).Select(key => $"row {key}"));

        await foreach (var item in objects.List(Artifacts.Bucket, "", null, Cancellation))
        {
            if (Artifacts.Owner(item.Uri.Key) is not { } owner || !rows.TryGetValue(owner.Key, out var row) || row.Artifacts != owner.Prefix
                || item.Uri.Key.Contains(Artifacts.ExchangePrefix, StringComparison.Ordinal))
                found.Add($"artifact {item.Uri}");
        }

        var results = rounds.SelectMany(round => round.Keys(rows[round.CalledOff].Status == ResourceStatus.Completed)).ToHashSet(StringComparer.Ordinal);
        foreach (var prefix in (string[])["out/", "unwanted/"])
            await foreach (var item in objects.List("chaos", prefix, null, Cancellation))
            {
                if (!results.Remove(item.Uri.Key))
                    found.Add($"object {item.Uri}");
            }
        found.AddRange(results.Select(key => $"missing {key}"));

        await foreach (var bucket in objects.ListBuckets(Cancellation))
            await foreach (var upload in objects.ListUploads(bucket, "", Cancellation))
                found.Add($"upload {upload.Id} to {upload.Target}");
        return found;
    }
}
