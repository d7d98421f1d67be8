using System.Globalization;
using System.Text.Unicode;

namespace MlService.Samples;

/// <summary>
/// The tutorial's data: the telephone campaign of an invented bank for a term deposit, in the columns of Amazon ML's tutorial
/// (those of S. Moro, P. Cortez, P. Rita, "A Data-Driven Approach to Predict the Success of Bank Telemarketing", 2014). Every
/// row is generated. The bytes never change: same seed, same arithmetic, no platform's mathematics.
/// </summary>
public sealed class BankingSample
{
    /// <summary>Where the samples live.</summary>
    public const string Bucket = "samples";

    /// <summary>The column to predict: 1 where the customer subscribed, about one row in nine, else 0.</summary>
    public const string Target = "y";

    /// <summary>Rows to learn from and to evaluate on, in no order, with the target.</summary>
    public static readonly BankingSample Labelled = new("banking.csv", rows: 41_188, hasTarget: true, seed: 20150409);

    /// <summary>Further rows of the same campaign, without the target: the input of a batch prediction.</summary>
    public static readonly BankingSample Batch = new("banking-batch.csv", rows: 4_119, hasTarget: false, seed: 20150410);

    /// <summary>Names of the input columns, in their order.</summary>
    public static readonly IReadOnlyList<string> InputColumns =
    [
        "age", "job", "marital", "education", "default", "housing", "loan", "contact", "month", "day_of_week", "duration",
        "campaign", "pdays", "previous", "poutcome", "emp_var_rate", "cons_price_idx", "cons_conf_idx", "euribor3m",
        "nr_employed",
    ];

    const double MissingAge = 0.015;
    const double MissingEuribor = 0.012;

    readonly ulong _seed;

    BankingSample(string key, int rows, bool hasTarget, ulong seed)
    {
        Key = key;
        Rows = rows;
        HasTarget = hasTarget;
        _seed = seed;
    }

    /// <summary>Key of the object in <see cref="Bucket"/>.</summary>
    public string Key { get; }

    /// <summary>The object's address, <c>s3://samples/…</c>.</summary>
    public string Uri => $"s3://{Bucket}/{Key}";

    /// <summary>Data rows; the header is one line more.</summary>
    public int Rows { get; }

    /// <summary>Whether the last column is <see cref="Target"/>.</summary>
    public bool HasTarget { get; }

    /// <summary>Writes the file: UTF-8, a header line, LF after every line, an empty field where a value is missing.</summary>
    public void Write(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var random = new Xoshiro256(_seed);
        Span<byte> line = stackalloc byte[512];
        Utf8.TryWrite(line, $"{string.Join(',', HasTarget ? [.. InputColumns, Target] : InputColumns)}\n", out var length);
        output.Write(line[..length]);
        for (var row = 0; row < Rows; row++)
            output.Write(line[..WriteRow(line, random)]);
    }

    /// <summary>The file as a stream in memory, at its beginning: 4.9 MB with the target, a tenth of it without.</summary>
    public Stream OpenRead()
    {
        var stream = new MemoryStream(Rows * 128);
        Write(stream);
        stream.Position = 0;
        return stream;
    }

    int WriteRow(Span<byte> line, Xoshiro256 random)
    {
        var call = MarketingCall.Draw(random);
        var subscribed = Subscription.Draw(random, call);
        var (customer, period) = (call.Customer, call.Period);
        int? age = random.NextBool(MissingAge) ? null : customer.Age;
        decimal? euribor = random.NextBool(MissingEuribor) ? null : new decimal(call.Euribor, 0, 0, false, scale: 3);
        var target = HasTarget ? subscribed ? ",1" : ",0" : "";
        Utf8.TryWrite(line, CultureInfo.InvariantCulture,
            $"{age},{customer.Job},{customer.Marital},{customer.Education},{customer.Default},{customer.Housing},{customer.Loan},"
            + $"{call.Contact},{period.Month},{call.DayOfWeek},{call.Duration},{call.Campaign},{call.DaysSincePrevious},"
            + $"{call.Previous},{call.PreviousOutcome},{period.EmploymentVariation},{period.PriceIndex},{period.ConfidenceIndex},"
            + $"{euribor},{period.Employed}{target}\n", out var length);
        return length;
    }
}
