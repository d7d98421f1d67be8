using Google.Protobuf;
using MlService.Learning.Features;
using MlService.Learning.Recipes;
using DataType = MlService.Learning.Onnx.TensorProto.Types.DataType;

namespace MlService.Learning.Onnx;

/// <summary>
/// The steps of a plan as ONNX operators. Each is translated when it is first used, so that the graph asks for no input that the model
/// does not need. Numbers are binary64 as in <see cref="FeatureEncoder"/>, NaN for a missing one.
/// </summary>
internal sealed class PlanTranslation(GraphBuilder graph, FeaturePlan plan)
{
    private readonly Dictionary<int, string> _inputs = [];
    private readonly Dictionary<int, string> _values = [];
    private readonly Dictionary<int, TokenTensor> _tokens = [];
    private readonly Dictionary<WordsOf, string> _words = [];
    private readonly Dictionary<int, DateTranslation> _dates = [];

    /// <summary>Words of an attribute as a recipe may want them.</summary>
    private readonly record struct WordsOf(int Attribute, bool IsLowercase = false, bool IsTrimmed = false, bool IsRuns = false);

    /// <summary>The text of an attribute as it is: rows × 1.</summary>
    public string Text(int attribute) => Input(attribute, DataType.String, "text; empty where missing");

    /// <summary>A number: rows × 1, NaN where missing.</summary>
    public string Number(int step) => Once(step, () =>
    {
        var (kind, attribute, sources, _) = plan.Steps[step];
        switch (kind)
        {
            case PlanStepKind.Number:
                var number = Input(attribute, DataType.Double, "number; NaN where missing");
                return Finite(number);
            case PlanStepKind.Normalize:
                var centered = graph.Add("Sub", Number(sources[0]), Scalar(plan.Steps[step].Mean));
                return plan.Steps[step].StandardDeviation is > 0 and var deviation
                    ? graph.Add("Div", centered, Scalar(deviation))
                    : graph.Add("Sub", centered, centered);
            case PlanStepKind.Constant:
                return graph.Constant([plan.Steps[step].Constant], 1, 1);
            case PlanStepKind.Compute:
                return Finite(Compute(plan.Steps[step].Function, [.. sources.Select(Number)]));
            case PlanStepKind.Days:
                return Date(attribute).Days();
            case PlanStepKind.Sin or PlanStepKind.Cos:
                return Date(attribute).OnCircle(plan.Steps[step].Function, kind == PlanStepKind.Sin ? Math.Sin : Math.Cos);
            case PlanStepKind.IsMissing:
                return graph.Cast(graph.Add("IsNaN", Number(sources[0])), DataType.Double);
            case PlanStepKind.HasNoToken:
                return graph.Cast(graph.Add("ReduceMin", graph.Cast(IsEmpty(Tokens(sources[0]).Name), DataType.Int64), Integers(1)), DataType.Double);
            default:
                throw Unsupported(kind);
        }
    });

    private bool UsesLog(int step) => plan.Steps[step] is { Kind: PlanStepKind.Compute, Function: RecipeFunction.Log }
        || plan.Steps[step].Sources.Any(UsesLog);

    private string Compute(RecipeFunction function, string[] x) => function switch
    {
        RecipeFunction.Add => graph.Add("Add", x),
        RecipeFunction.Subtract => graph.Add("Sub", x),
        RecipeFunction.Multiply => graph.Add("Mul", x),
        RecipeFunction.Divide => graph.Add("Div", x),
        RecipeFunction.Log => graph.Add("Log", x),
        RecipeFunction.Fill => graph.Add("Where", graph.Add("IsNaN", x[0]), x[1], x[0]),
        RecipeFunction.Clip => graph.Add(
            "Where", graph.Add("Less", x[0], x[1]), x[1], graph.Add("Where", graph.Add("Greater", x[0], x[2]), x[2], x[0])),
        _ => throw new InvalidInputException($"the function {function} has no counterpart among ONNX's operators"),
    };

    /// <summary>x + (x − x): what is infinite becomes missing.</summary>
    private string Finite(string number) => graph.Add("Add", number, graph.Add("Sub", number, number));

    /// <summary>The index of a bin: rows × 1, the number of bins where the number is missing.</summary>
    public string Bin(int step) => Once(step, () =>
    {
        var (kind, _, sources, _) = plan.Steps[step];
        if (kind != PlanStepKind.Bin)
            throw Unsupported(kind);
        var cuts = plan.Steps[step].Boundaries;
        // Cut points are values of the data, and the last bit of a logarithm is the machine's.
        if (UsesLog(sources[0]))
            cuts = [.. cuts.Select(cut => cut - 1e-13 * Math.Max(1, Math.Abs(cut)))];
        var number = Number(sources[0]);
        var isBelow = cuts.Length > 0
            ? graph.Add("GreaterOrEqual", number, graph.Constant(cuts, 1, cuts.Length))
            : graph.Add("Not", graph.Add("Equal", number, number)); // no cut point: all in the first bin
        var bin = graph.Add("ReduceSum", graph.Cast(isBelow, DataType.Int64), Integers(1));
        return graph.Add("Where", graph.Add("IsNaN", number), graph.Constant([(long)cuts.Length + 1]), bin);
    });

    /// <summary>A BINARY attribute: rows × 1, 0 for false, 1 for true, 2 for missing or anything else.</summary>
    public string Binary(int attribute)
    {
        var literals = BinaryLiterals.All();
        return graph.Add(
            "LabelEncoder", [Text(attribute)],
            [
                GraphBuilder.Attribute("keys_strings", literals.Select(literal => ByteString.CopyFromUtf8(literal.Text))),
                GraphBuilder.Attribute("values_int64s", literals.Select(literal => literal.Value ? 1L : 0L)),
                GraphBuilder.Attribute("default_int64", 2),
            ], GraphBuilder.MachineLearning);
    }

    /// <summary>The tokens of a step.</summary>
    public TokenTensor Tokens(int step)
    {
        if (!_tokens.TryGetValue(step, out var tokens))
            _tokens.Add(step, tokens = Translate(step));
        return tokens;
    }

    /// <summary>The words of a TEXT attribute as it is.</summary>
    public TokenTensor Words(int attribute) => Words(new WordsOf(attribute));

    private TokenTensor Translate(int index)
    {
        var step = plan.Steps[index];
        switch (step.Kind)
        {
            case PlanStepKind.CategoryToken:
                return new(Text(step.Attribute), IsSingle: true);
            case PlanStepKind.BinaryToken:
                return Pick(Binary(step.Attribute), [ByteString.CopyFromUtf8("0"), ByteString.CopyFromUtf8("1")]);
            case PlanStepKind.BinToken:
                return Pick(Bin(step.Sources[0]), plan.Steps[step.Sources[0]].BinTokens.Select(token => ByteString.CopyFrom(token)));
            case PlanStepKind.FlagToken:
                return Pick(graph.Cast(Number(step.Sources[0]), DataType.Int64), [ByteString.CopyFromUtf8("0"), ByteString.CopyFromUtf8("1")]);
            case PlanStepKind.DatePart:
                return Date(step.Attribute).Token(step.Function);
            case PlanStepKind.Ngram:
                return Ngram(WordsBelow(step), step.N);
            case PlanStepKind.Osb:
                return Osb(WordsBelow(step), step.N);
            case PlanStepKind.Product:
                return step.Sources.Select(Tokens).Aggregate(Product);
            case PlanStepKind.Words or PlanStepKind.Lowercase or PlanStepKind.NoPunct or PlanStepKind.LetterRuns when FindWords(index) is { } words:
                return Words(words);
            case PlanStepKind.Lowercase:
                var tokens = Tokens(step.Sources[0]).Name;
                var lower = Lowercase(graph.Add("Reshape", tokens, Integers(-1)));
                return new(graph.Add("Reshape", lower, graph.Add("Shape", tokens)), IsSingle: false);
            default:
                throw Unsupported(step.Kind);
        }
    }

    /// <summary>What words a step gives; null if it gives no words of an attribute but what was made of them.</summary>
    private WordsOf? FindWords(int index)
    {
        var step = plan.Steps[index];
        return step.Kind switch
        {
            PlanStepKind.Words => new(step.Attribute),
            PlanStepKind.Lowercase => FindWords(step.Sources[0]) is { } words ? words with { IsLowercase = true } : null,
            PlanStepKind.NoPunct => FindWords(step.Sources[0]) is { } words ? words with { IsTrimmed = true } : null,
            // Trimmed first, only the ends of words lose an underscore: no one pattern finds such runs.
            PlanStepKind.LetterRuns => FindWords(step.Sources[0]) is { IsTrimmed: false } words ? words with { IsRuns = true } : null,
            _ => null,
        };
    }

    private WordsOf WordsBelow(PlanStep step) => FindWords(step.Sources[0]) ?? throw Unsupported(step.Kind, " of what is no longer words");

    private TokenTensor Words(WordsOf words) => new(Padded(words, 1), IsSingle: false);

    /// <summary>
    /// The words of a text and at least <paramref name="columns"/> columns of "" behind them, without which operators would meet tensors
    /// of no width.
    /// </summary>
    private string Padded(WordsOf words, int columns)
    {
        if (!_words.TryGetValue(words, out var name))
        {
            var text = graph.Add("Reshape", Text(words.Attribute), Integers(-1));
            if (words.IsLowercase)
                text = Lowercase(text);
            name = graph.Add("Tokenizer", [text],
                [
                    GraphBuilder.Attribute("mark", 0), GraphBuilder.Attribute("mincharnum", 1), GraphBuilder.Attribute("pad_value", ""),
                    GraphBuilder.Attribute("tokenexp", WordPattern.Of(words.IsRuns, words.IsTrimmed)),
                ], GraphBuilder.Runtime);
            _words.Add(words, name);
        }
        var empty = graph.Add("Expand", NoToken(), graph.Add("Shape", Text(words.Attribute)));
        return graph.Add("Concat", [name, .. Enumerable.Repeat(empty, columns)], [GraphBuilder.Attribute("axis", 1)]);
    }

    /// <summary>Lower case by the operating system's Unicode tables, which "C.UTF-8" has on every Linux.</summary>
    private string Lowercase(string texts) => graph.Add("StringNormalizer", [texts],
        [GraphBuilder.Attribute("case_change_action", "LOWER"), GraphBuilder.Attribute("is_case_sensitive", 1), GraphBuilder.Attribute("locale", "C.UTF-8")]);

    private TokenTensor Ngram(WordsOf words, int n)
    {
        var shifted = Shifted(words, n);
        var blank = graph.Constant([ByteString.CopyFromUtf8(" ")]);
        var runs = new List<string> { shifted[0] };
        var run = shifted[0];
        foreach (var next in shifted.AsSpan(1))
        {
            run = graph.Add("StringConcat", graph.Add("StringConcat", run, blank), next);
            runs.Add(graph.Add("Where", IsEmpty(next), NoToken(), run));
        }
        return new(graph.Add("Concat", [.. runs], [GraphBuilder.Attribute("axis", 1)]), IsSingle: false);
    }

    private TokenTensor Osb(WordsOf words, int n)
    {
        var shifted = Shifted(words, n);
        var pairs = new List<string>();
        for (var distance = 1; distance < n; distance++)
        {
            var marks = graph.Constant([ByteString.CopyFromUtf8(new string('_', distance))]);
            var pair = graph.Add("StringConcat", graph.Add("StringConcat", shifted[0], marks), shifted[distance]);
            pairs.Add(graph.Add("Where", IsEmpty(shifted[distance]), NoToken(), pair));
        }
        return new(graph.Add("Concat", [.. pairs], [GraphBuilder.Attribute("axis", 1)]), IsSingle: false);
    }

    /// <summary>n tensors of one shape: the words, and those that stand 1 to n − 1 places behind them.</summary>
    private string[] Shifted(WordsOf words, int n)
    {
        var padded = Padded(words, n);
        return [.. Enumerable.Range(0, n).Select(by => graph.Add(
            "Slice", padded, Integers(by), Integers(by == n - 1 ? long.MaxValue : by - (n - 1)), Integers(1)))];
    }

    private TokenTensor Product(TokenTensor left, TokenTensor right)
    {
        var isSingle = left.IsSingle && right.IsSingle;
        var (a, b) = isSingle
            ? (left.Name, right.Name)
            : (graph.Add("Unsqueeze", left.Name, Integers(2)), graph.Add("Unsqueeze", right.Name, Integers(1)));
        var mark = graph.Constant([ByteString.CopyFromUtf8("_")]);
        var joined = graph.Add("StringConcat", graph.Add("StringConcat", a, mark), b);
        var tokens = graph.Add("Where", graph.Add("Or", IsEmpty(a), IsEmpty(b)), NoToken(), joined);
        return isSingle ? new(tokens, true) : new(graph.Add("Reshape", tokens, Integers(0, -1)), false);
    }

    /// <summary>Texts by their index; "" behind the last.</summary>
    private TokenTensor Pick(string index, IEnumerable<ByteString> texts) =>
        new(graph.Add("Gather", graph.Constant([.. texts, ByteString.Empty]), index), IsSingle: true);

    private string IsEmpty(string tokens) => graph.Add("Equal", tokens, NoToken());

    private string NoToken() => graph.Constant([ByteString.Empty]);

    private string Integers(params ReadOnlySpan<long> values) => graph.Constant(values, values.Length);

    private string Scalar(double value) => graph.Constant([value], []);

    private DateTranslation Date(int attribute)
    {
        if (!_dates.TryGetValue(attribute, out var date))
            _dates.Add(attribute, date = new DateTranslation(graph, Text(attribute)));
        return date;
    }

    private string Input(int attribute, DataType type, string description)
    {
        if (!_inputs.TryGetValue(attribute, out var name))
            _inputs.Add(attribute, name = graph.Input(plan.Schema.Attributes[attribute].Name, type, description));
        return name;
    }

    private string Once(int step, Func<string> translate)
    {
        if (!_values.TryGetValue(step, out var name))
            _values.Add(step, name = translate());
        return name;
    }

    private static InvalidInputException Unsupported(PlanStepKind kind, string of = "") =>
        new($"the step {kind}{of} has no counterpart among ONNX's operators");
}

/// <summary>Tokens of each row: rows × width, the width at least 1, "" where a row has fewer.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="IsSingle">Whether the width is 1 for all rows.</param>
internal readonly record struct TokenTensor(string Name, bool IsSingle);
