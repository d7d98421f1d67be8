using Google.Protobuf;
using MlService.Learning.Recipes;
using DataType = MlService.Learning.Onnx.TensorProto.Types.DataType;

namespace MlService.Learning.Onnx;

/// <summary>A date as <see cref="Features.WrittenDate"/> reads it, by ONNX's regular expressions and whole numbers; all tensors are rows × 1.</summary>
internal sealed class DateTranslation
{
    private const string Date =
        "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}";

    private const string Time =
        "([0-9]|[01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)? *(Z|[+-](0[0-9]|1[0-4]):?([0-5][0-9])?)?";

    private static readonly long[] DaysOfMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    private static readonly string[] Weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private readonly GraphBuilder _graph;
    private readonly string _isDate;
    private readonly string _year;          // as it is written, in four digits
    private readonly string _month;
    private readonly string _day;
    private readonly string _dayNumber;
    private readonly string _hour;          // 24 where there is none
    private readonly string _timeOfDay;

    /// <summary>Reads dates.</summary>
    /// <param name="graph">Receives the operators.</param>
    /// <param name="text">Their texts.</param>
    public DateTranslation(GraphBuilder graph, string text)
    {
        _graph = graph;
        // What is no date is empty from here on, so that all digits that follow are few enough for numbers.
        var written = graph.Add("Where", Matches(text, $" *(({Date})([ T] *{Time})?|{Time}) *"), text, Texts(""));
        var hasDate = Matches(written, " *[0-9]+[-/.].*");
        var isYearFirst = Matches(written, " *[0-9]{4}[-/.].*");
        var isDayFirst = Matches(written, " *[0-9]{1,2}[.].*");
        var parts = Tokens(written, "[0-9]+", 3);
        _year = graph.Add("Where", isYearFirst, parts[0], parts[2]);
        var numbers = parts.Select(part => Number(part, DataType.Int64)).ToArray();
        var year = graph.Add("Where", isYearFirst, numbers[0], numbers[2]);
        _month = graph.Add("Where", isYearFirst, numbers[1], graph.Add("Where", isDayFirst, numbers[1], numbers[0]));
        _day = graph.Add("Where", isYearFirst, numbers[2], graph.Add("Where", isDayFirst, numbers[0], numbers[1]));
        _isDate = And(hasDate, AtLeast(year, 1), AtLeast(_month, 1), AtMost(_month, Integer(12)), AtLeast(_day, 1), AtMost(_day, DaysOfMonth(year)));
        _dayNumber = DayNumber(year);

        var hasTime = Matches(written, ".*:.*");
        var time = Tokens(written, "[0-9]{1,2}:.*", 1)[0];
        var clock = Tokens(Tokens(time, "[0-9]{1,2}:[0-9:.]*", 1)[0], "[0-9.]+", 3).Select(part => Number(part, DataType.Double)).ToArray();
        var offset = Tokens(time, "[+-].*", 1)[0];
        var offsets = Tokens(offset, "[0-9]{2}", 2).Select(part => Number(part, DataType.Double)).ToArray();
        var sign = graph.Add("Where", Matches(offset, "-.*"), Real(-1), Real(1));
        var minutes = graph.Add("Add", graph.Add("Mul", clock[0], Real(60)), clock[1]);
        var minutesAhead = graph.Add("Mul", sign, graph.Add("Add", graph.Add("Mul", offsets[0], Real(60)), offsets[1]));
        _timeOfDay = graph.Add("Add",
            graph.Add("Div", graph.Add("Sub", minutes, minutesAhead), Real(1440)), graph.Add("Div", clock[2], Real(86_400)));
        var isTime = And(hasTime, graph.Add("Or", _isDate, graph.Add("Not", hasDate)));
        _hour = graph.Add("Where", isTime, graph.Cast(clock[0], DataType.Int64), Integer(24));
    }

    /// <summary>Days since 1970-01-01; NaN where there is no date.</summary>
    public string Days() =>
        _graph.Add("Where", _isDate, _graph.Add("Add", _graph.Cast(_dayNumber, DataType.Double), _timeOfDay), Real(double.NaN));

    /// <summary>A part as a token; "" where it is not written.</summary>
    public TokenTensor Token(RecipeFunction part) => part == RecipeFunction.Year
        ? new(_graph.Add("Where", _isDate, _year, Texts("")), IsSingle: true)
        : new(_graph.Add("Gather", Texts([.. Names(part), ""]), Place(part)), IsSingle: true);

    /// <summary>The sine or cosine of a part on its circle; NaN where it is not written.</summary>
    public string OnCircle(RecipeFunction part, Func<double, double> function)
    {
        var count = Names(part).Length;
        double[] values = [.. Enumerable.Range(0, count).Select(place => function((double)place / count * Math.Tau)), double.NaN];
        return _graph.Add("Gather", _graph.Constant(values, values.Length), Place(part));
    }

    private static string[] Names(RecipeFunction part) => part switch
    {
        RecipeFunction.Month => [.. Enumerable.Range(1, 12).Select(month => $"{month:00}")],
        RecipeFunction.Day => [.. Enumerable.Range(1, 31).Select(day => $"{day:00}")],
        RecipeFunction.Hour => [.. Enumerable.Range(0, 24).Select(hour => $"{hour:00}")],
        RecipeFunction.DayOfWeek => Weekdays,
        _ => throw new InvalidInputException($"the part {part} of a date has no counterpart among ONNX's operators"),
    };

    /// <summary>The place of a part among its names; behind the last where it is not written.</summary>
    private string Place(RecipeFunction part) => part switch
    {
        RecipeFunction.Hour => _hour,
        RecipeFunction.Month => WhereDate(_graph.Add("Sub", _month, Integer(1)), 12),
        RecipeFunction.Day => WhereDate(_graph.Add("Sub", _day, Integer(1)), 31),
        // 1970-01-01 was a Thursday; the sign of Mod is the divisor's.
        _ => WhereDate(_graph.Add("Mod", _graph.Add("Add", _dayNumber, Integer(3)), Integer(7)), 7),
    };

    private string WhereDate(string place, long otherwise) => _graph.Add("Where", _isDate, place, Integer(otherwise));

    private string DaysOfMonth(string year)
    {
        var isLeap = And(
            Divides(4), _graph.Add("Or", _graph.Add("Not", Divides(100)), Divides(400)), _graph.Add("Equal", _month, Integer(2)));
        var place = _graph.Add("Sub", _graph.Add("Clip", _month, Integer(1), Integer(12)), Integer(1));
        return _graph.Add("Add", _graph.Add("Gather", _graph.Constant(DaysOfMonths, 12), place), _graph.Cast(isLeap, DataType.Int64));

        string Divides(long by) => _graph.Add("Equal", _graph.Add("Mod", year, Integer(by)), Integer(0));
    }

    // Years that begin in March, so that the leap day is their last (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private string DayNumber(string year)
    {
        var isEarly = _graph.Cast(AtMost(_month, Integer(2)), DataType.Int64);
        var y = _graph.Add("Sub", year, isEarly);
        var m = _graph.Add("Add", _graph.Add("Sub", _month, Integer(3)), Times(isEarly, 12));
        var ofYear = _graph.Add("Div", _graph.Add("Add", Times(m, 153), Integer(2)), Integer(5));
        var leapDays = _graph.Add("Add", _graph.Add("Sub", Over(4), Over(100)), Over(400));
        var days = _graph.Add("Add", _graph.Add("Add", Times(y, 365), leapDays), _graph.Add("Add", ofYear, _day));
        return _graph.Add("Sub", days, Integer(719_469));

        string Times(string number, long by) => _graph.Add("Mul", number, Integer(by));

        string Over(long by) => _graph.Add("Div", y, Integer(by));
    }

    private string Matches(string text, string pattern) => _graph.Add("RegexFullMatch", [text], [GraphBuilder.Attribute("pattern", pattern)]);

    /// <summary>The first runs of characters that match a pattern; "" where there are fewer.</summary>
    private string[] Tokens(string text, string pattern, int count)
    {
        var tokens = _graph.Add("Tokenizer", [_graph.Add("Reshape", text, _graph.Constant([-1L], 1))],
            [
                GraphBuilder.Attribute("mark", 0), GraphBuilder.Attribute("mincharnum", 1), GraphBuilder.Attribute("pad_value", ""),
                GraphBuilder.Attribute("tokenexp", pattern),
            ], GraphBuilder.Runtime);
        var none = _graph.Add("Expand", Texts(""), _graph.Add("Shape", text));
        var padded = _graph.Add("Concat", [tokens, .. Enumerable.Repeat(none, count)], [GraphBuilder.Attribute("axis", 1)]);
        return [.. Enumerable.Range(0, count).Select(place => _graph.Add(
            "Slice", padded, _graph.Constant([(long)place], 1), _graph.Constant([place + 1L], 1), _graph.Constant([1L], 1)))];
    }

    private string Number(string digits, DataType type) =>
        _graph.Cast(_graph.Add("Where", _graph.Add("Equal", digits, Texts("")), Texts("0"), digits), type);

    private string And(params ReadOnlySpan<string> all)
    {
        var both = all[0];
        foreach (var other in all[1..])
            both = _graph.Add("And", both, other);
        return both;
    }

    private string AtLeast(string number, long least) => _graph.Add("GreaterOrEqual", number, Integer(least));

    private string AtMost(string number, string most) => _graph.Add("LessOrEqual", number, most);

    private string Integer(long value) => _graph.Constant([value], []);

    private string Real(double value) => _graph.Constant([value], []);

    private string Texts(params ReadOnlySpan<string> texts)
    {
        var values = new List<ByteString>();
        foreach (var text in texts)
            values.Add(ByteString.CopyFromUtf8(text));
        return _graph.Constant(values);
    }
}
