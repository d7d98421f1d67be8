using System.Data.Common;
using System.Diagnostics;
using System.Text;
using MlService.Jobs;
using MlService.Learning;
using MlService.Learning.Schemas;
using MlService.Storage;

namespace MlService.Databases;

/// <summary>
/// Brings the rows of a query into object storage. Each attempt writes an object of its own, <c>rows-{attempt}.csv</c>, which appears when it is
/// whole; what a killed attempt left, the next one removes.
/// </summary>
public sealed class QueryExport(SourceDatabases databases)
{
    private const int AttemptsToConnect = 5;

    // Their manuals, "Server Error Message Reference": ER_STATEMENT_TIMEOUT and ER_QUERY_TIMEOUT.
    private const int StatementTimeoutOfMariaDb = 1969;
    private const int QueryTimeoutOfMySql = 3024;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs a query.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="name">Name of the database.</param>
    /// <param name="query">The query.</param>
    /// <param name="directory">Where the object goes; ends with a slash.</param>
    /// <param name="schema">Schema that the rows are to have; null if it is to be found out.</param>
    /// <returns>The object. It has a header where the schema says so, or there is none.</returns>
    /// <exception cref="InvalidInputException">The query cannot be run, takes too long, or does not fit the schema.</exception>
    public async Task<ObjectUri> Run(JobContext context, string name, string query, ObjectUri directory, DataSchema? schema)
    {
        var database = databases.Find(name);
        await DropBefore(context.Row.Attempt, context.Objects, directory, context.Cancellation);
        var target = Target(directory, context.Row.Attempt);
        context.Undo(() => Drop(context.Objects, target, CancellationToken.None));

        var begin = Stopwatch.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        stop.CancelAfter(database.Timeout);
        try
        {
            await using var rows = await database.Query(query, stop.Token);
            CheckColumns(rows.Columns, schema);
            var names = schema is null ? rows.Columns : schema.HasHeader ? [.. schema.Attributes.Select(attribute => attribute.Name)] : null;
            await using var csv = new CsvRows(rows, names);
            await Store(context, csv, target, stop);
        }
        catch (Exception exception) when (!context.Cancellation.IsCancellationRequested && Stopwatch.GetElapsedTime(begin) >= database.Timeout && IsEnd(exception, stop))
        {
            throw new InvalidInputException(
                $"query: it took longer than {database.Timeout.TotalSeconds} seconds, which is all it may take (Databases:{name}:TimeoutSeconds). Ask for less, or have the limit raised.",
                exception);
        }
        catch (DbException exception) when (context.Row.Attempt >= AttemptsToConnect)
        {
            throw new InvalidInputException($"database: '{name}' does not answer: {exception.Message} Create the datasource again under another id once it does.", exception);
        }
        return target;
    }

    /// <summary>Puts the schema of the rows beside them, so that others can read them too.</summary>
    public async Task Describe(JobContext context, ObjectUri rows, DataSchema schema)
    {
        var target = Schema(rows);
        context.Undo(() => Drop(context.Objects, target, CancellationToken.None));
        using var text = new MemoryStream(Encoding.UTF8.GetBytes(schema.ToJson()));
        await context.Objects.Put(target, text, text.Length, context.Cancellation);
    }

    /// <summary>Drops what the attempts before one have stored: they may have died, or come back from the dead.</summary>
    public static async Task DropBefore(int attempt, IObjectStore objects, ObjectUri directory, CancellationToken cancellation)
    {
        for (var earlier = 1; earlier < attempt; earlier++)
        {
            await Drop(objects, Target(directory, earlier), cancellation);
            await Drop(objects, Schema(Target(directory, earlier)), cancellation);
        }
    }

    private static async Task Store(JobContext context, CsvRows csv, ObjectUri target, CancellationTokenSource stop)
    {
        var writing = context.Objects.Put(target, csv, null, stop.Token);
        try
        {
            while (await Task.WhenAny(writing, Task.Delay(Tick)) != writing)
            {
                context.Progress.Rows = csv.Rows;
                await context.Report("querying", 0);
            }
        }
        catch
        {
            // The attempt is over: the rows must not be read from any more when the connection is closed.
            await stop.CancelAsync();
            await writing.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
        await writing;
    }

    private static async Task Drop(IObjectStore objects, ObjectUri target, CancellationToken cancellation)
    {
        await foreach (var upload in objects.ListUploads(target.Bucket, target.Key, cancellation))
            if (upload.Target == target)
                await objects.AbortUpload(upload, cancellation);
        await objects.Delete(target, cancellation);
    }

    private static ObjectUri Target(ObjectUri directory, int attempt) => directory.Child($"rows-{attempt}.csv");

    private static ObjectUri Schema(ObjectUri rows) => rows with { Key = rows.Key + ".schema" };

    /// <summary>Columns count by their order, so one whose name stands elsewhere in the schema is a mistake.</summary>
    private static void CheckColumns(IReadOnlyList<string> columns, DataSchema? schema)
    {
        if (schema is null)
            return;
        var names = schema.Attributes.Select(attribute => attribute.Name).ToList();
        if (columns.Count != names.Count)
            throw new InvalidInputException($"query: it gives {columns.Count} columns, and the schema has {names.Count} attributes. Ask for one column per attribute, in their order.");
        for (var index = 0; index < names.Count; index++)
        {
            var place = names.FindIndex(name => Same(name, columns[index]));
            if (place >= 0 && !Same(names[index], columns[index]) && !Same(names[place], columns[place]))
                throw new InvalidInputException($"query: its column {index + 1} is '{columns[index]}', which is attribute {place + 1} of the schema. Ask for the columns in the order of the attributes.");
        }

        static bool Same(string name, string column) => name.Equals(column, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The server keeps the time too, and may be the first to notice.</summary>
    private static bool IsEnd(Exception exception, CancellationTokenSource stop) => stop.IsCancellationRequested
        || exception.InnerException is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.QueryCanceled }
            or MySqlConnector.MySqlException { Number: StatementTimeoutOfMariaDb or QueryTimeoutOfMySql };
}
