using System.Globalization;

namespace MlService.Learning.Recipes;

/// <summary>
/// Reads one expression by recursive descent:
/// <code>
/// expr     := call | name
/// call     := function "(" expr { "," expr } [ "," digits ] ")", in arithmetic also decimal numbers for expr
/// name     := bare | "'" any-but-' "'" | '"' any-but-" '"'
/// bare     := a letter, then any characters except , ' " ( ) \ tab CR LF; blanks at the ends do not count
/// output   := expr [ "//" anything ]
/// </code>
/// </summary>
internal ref struct ExpressionParser
{
    private readonly RecipePlace _place;
    private readonly string _text;
    private readonly bool _isOutput;
    private int _position;

    private ExpressionParser(RecipePlace place, bool isOutput)
    {
        _place = place;
        _text = place.Text;
        _isOutput = isOutput;
    }

    /// <summary>Parses the text of a place; comments are allowed where it is an output.</summary>
    public static RecipeExpression Parse(RecipePlace place, bool isOutput)
    {
        var parser = new ExpressionParser(place, isOutput);
        var expression = parser.ParseExpression(depth: 1);
        parser.SkipBlanks();
        if (!parser.AtEnd)
            throw parser.Error($"unexpected '{parser.Current}' after the end of the expression");
        return expression;
    }

    private readonly bool AtEnd => _position >= _text.Length || (_isOutput && AtComment);

    private readonly bool AtComment => string.CompareOrdinal(_text, _position, "//", 0, 2) == 0;

    private readonly char Current => _text[_position];

    private RecipeExpression ParseExpression(int depth, bool takesNumbers = false)
    {
        SkipBlanks();
        if (depth > RecipeExpression.MaxDepth)
            throw Error($"calls are nested more than {RecipeExpression.MaxDepth} deep");
        if (AtEnd)
            throw Error("a name or a call is missing");
        var start = _position;
        if (Current is '\'' or '"')
            return new NameExpression(ReadQuoted(), start + 1);

        var word = ReadBare();
        SkipBlanks();
        if (!AtEnd && Current == '(')
            return ParseCall(word, start, depth);
        if (word.Length == 0)
            throw Error($"a name or a call is missing before '{Current}'");
        if (takesNumbers && !char.IsLetter(word[0])
            && double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return new NumberExpression(number, start + 1);
        if (!char.IsLetter(word[0]))
            throw _place.Error(start + 1, $"\"{RecipePlace.Shorten(word)}\" does not start with a letter; "
                + $"if it is a name, put it in quotes: '{RecipePlace.Shorten(word)}'");
        return new NameExpression(word, start + 1);
    }

    private CallExpression ParseCall(string name, int start, int depth)
    {
        var signature = FunctionSignature.Find(name) ?? throw _place.Error(start + 1,
            $"unknown function \"{RecipePlace.Shorten(name)}\"; the functions are {FunctionSignature.Names}");
        _position++;
        var arguments = new List<RecipeExpression>();
        int? parameter = null;
        do
        {
            SkipBlanks();
            if (signature.HasParameter && arguments.Count == signature.MaxArguments && parameter is null)
                parameter = ParseParameter(signature);
            else if (arguments.Count == signature.MaxArguments)
                throw Error($"too many arguments; write {signature.Usage}");
            else
                arguments.Add(ParseExpression(depth + 1, signature.TakesNumbers));
            SkipBlanks();
        }
        while (TryTake(','));

        if (!TryTake(')'))
            throw Error(AtEnd ? $"the call of {signature.Name} lacks its ')'" : $"unexpected '{Current}'; ',' or ')' is missing");
        if (arguments.Count < signature.MinArguments || (signature.HasParameter && parameter is null))
            throw _place.Error(start + 1, $"too few arguments; write {signature.Usage}"
                + (signature.HasParameter ? $" with n from {signature.MinParameter} to {signature.MaxParameter}" : ""));
        return new CallExpression(signature.Function, arguments, parameter, start + 1);
    }

    private int ParseParameter(FunctionSignature signature)
    {
        var start = _position;
        var word = AtEnd || Current is not ('\'' or '"') ? ReadBare() : ReadQuoted();
        if (_text.AsSpan(start).StartsWith(word)
            && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value >= signature.MinParameter && value <= signature.MaxParameter)
            return value;
        throw _place.Error(start + 1, $"n of {signature.Name} must be a whole number from {signature.MinParameter} to "
            + $"{signature.MaxParameter}, not \"{RecipePlace.Shorten(word)}\"");
    }

    private string ReadBare()
    {
        var start = _position;
        while (!AtEnd && !NameExpression.Special.Contains(Current))
        {
            if (AtComment)
                throw Error("a comment may stand in outputs only; a name that holds // must be in quotes");
            _position++;
        }
        if (!AtEnd && Current == '\\')
            throw Error("a backslash may stand inside quotes only");
        return _text[start.._position].Trim();
    }

    private string ReadQuoted()
    {
        var end = _text.IndexOf(Current, _position + 1);
        if (end < 0)
            throw Error("a quote is not closed");
        var name = _text[(_position + 1)..end];
        if (name.Length == 0)
            throw Error("a name is empty");
        _position = end + 1;
        return name;
    }

    private bool TryTake(char wanted)
    {
        if (AtEnd || Current != wanted)
            return false;
        _position++;
        return true;
    }

    private void SkipBlanks()
    {
        while (!AtEnd && char.IsWhiteSpace(Current))
            _position++;
    }

    private readonly InvalidInputException Error(string message) => _place.Error(_position + 1, message);
}
