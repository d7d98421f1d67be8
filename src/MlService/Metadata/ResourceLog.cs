using System.Globalization;
using System.Text;
using MlService.Storage;

namespace MlService.Metadata;

/// <summary>The log of a resource's job: the one that the job wrote, or else what the row knows of its life.</summary>
internal static class ResourceLog
{
    /// <summary>Opens the log, plain text.</summary>
    public static async Task<Stream> Open(Resource row, IObjectStore objects, CancellationToken cancellation)
    {
        if (row is { Status: ResourceStatus.Completed, Artifacts: not null })
        {
            var written = Artifacts.Uri(row, Artifacts.Log);
            if (await objects.Head(written, cancellation) is not null)
                return await objects.OpenRead(written, cancellationToken: cancellation);
        }
        return new MemoryStream(Encoding.UTF8.GetBytes(Life(row)));
    }

    private static string Life(Resource row)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{row.Kind.ToWords()} {row.Id}: {row.Status.ToText()}");
        Moment("created", row.CreatedAt);
        Moment("started", row.StartedAt);
        Moment("finished", row.FinishedAt);
        if (row.Attempt > 1)
            text.AppendLine(CultureInfo.InvariantCulture, $"attempt {row.Attempt}, {row.Faults} ended in faults");
        if (row.Progress.Phase is { } phase)
            text.AppendLine(CultureInfo.InvariantCulture, $"{phase}: {row.Progress.Percent:0.#} percent, {row.Progress.Rows} rows, {row.Progress.RowsPerSecond:0} rows a second");
        if (row.Status == ResourceStatus.Completed)
            text.AppendLine(CultureInfo.InvariantCulture, $"processor time {row.ComputeMilliseconds} ms");
        if (row.Message is { } message)
            text.AppendLine(message);
        return text.ToString();

        void Moment(string what, DateTime? time)
        {
            if (time is { } at)
                text.AppendLine(CultureInfo.InvariantCulture, $"{what} {at:yyyy-MM-dd HH:mm:ss.fff} UTC");
        }
    }
}
