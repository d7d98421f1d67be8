using System.Data.Common;
using System.Text;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace MlService.Metadata;

/// <summary>
/// Puts U+FFFD for what PostgreSQL's text cannot hold, U+0000 and halves of surrogate pairs: messages quote data, and data may
/// hold anything.
/// </summary>
internal sealed class StorableText : DbCommandInterceptor
{
    /// <summary>It has no state.</summary>
    public static readonly StorableText Instance = new();

    private StorableText() { }

    /// <summary>The text with U+FFFD for each character that cannot be stored.</summary>
    public static string Clean(string text)
    {
        if (!text.AsSpan().Contains('\0') && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
    }

    /// <inheritdoc/>
    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Clean(command);
        return new(result);
    }

    /// <inheritdoc/>
    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Clean(command);
        return new(result);
    }

    private static void Clean(DbCommand command)
    {
        foreach (DbParameter parameter in command.Parameters)
        {
            parameter.Value = parameter.Value switch
            {
                string text => Clean(text),
                IEnumerable<string> texts => texts.Select(Clean).ToList(),
                var other => other,
            };
        }
    }
}
