using System.Text.Json;
using CsCheck;
using MlService.Learning.Recipes;

namespace MlService.Learning.Tests.Recipes;

public class RecipeParsingTests
{
    private static Recipe Output(string expression) => Recipe.Parse(JsonSerializer.Serialize(new { outputs = new[] { expression } }));

    private static string Error(string json) => Assert.Throws<InvalidInputException>(() => Recipe.Parse(json)).Message;

    [Theory]
    [InlineData("ALL_INPUTS", "ALL_INPUTS")]
    [InlineData("  ngram ( lowercase( title ) ,\t2 )  ", "ngram(lowercase(title), 2)")]
    [InlineData("group('1stFlrSF','2ndFlrSF')", "group('1stFlrSF', '2ndFlrSF')")]
    [InlineData("group_remove('ALL_NUMERIC','fnlwgt')", "group_remove(ALL_NUMERIC, fnlwgt)")]
    [InlineData("quantile_bin(hours-per-week,10)", "quantile_bin(hours-per-week, 10)")]
    [InlineData("lowercase(day of week)", "lowercase(day of week)")]
    [InlineData("normalize(\"it's (new)\")", "normalize(\"it's (new)\")")]
    [InlineData("normalize('a\\b')", "normalize('a\\b')")]
    [InlineData("age // ngram(x, 1) is not read", "age")]
    [InlineData("normalize(YearRemod/Add)//", "normalize(YearRemod/Add)")]
    [InlineData("normalize('http://x')", "normalize('http://x')")]
    [InlineData("Größe", "Größe")]
    [InlineData("clip( multiply(a,-1.50), 1e2 ,.5)", "clip(multiply(a, -1.5), 100, 0.5)")]
    [InlineData("fill(a, 'mean')", "fill(a, mean)")]
    public void AnExpressionIsReadWithBlanksQuotesAndComments(string written, string canonical) =>
        Assert.Equal(canonical, Output(written).Outputs[0].Expression.ToString());

    [Theory]
    [InlineData("stem(body)", 1, "unknown function \"stem\"")]
    [InlineData("ngram(ALL_TEXT, 1)", 17, "from 2 to 10")]
    [InlineData("ngram(ALL_TEXT, 11)", 17, "from 2 to 10")]
    [InlineData("osb(ALL_TEXT, x)", 15, "from 2 to 10")]
    [InlineData("osb(ALL_TEXT, '4')", 15, "whole number")]
    [InlineData("quantile_bin(ALL_NUMERIC, 2)", 27, "from 5 to 1000")]
    [InlineData("quantile_bin(ALL_NUMERIC, 1001)", 27, "from 5 to 1000")]
    [InlineData("quantile_bin(ALL_NUMERIC, 10.5)", 27, "whole number")]
    [InlineData("quantile_bin(ALL_NUMERIC, 99999999999)", 27, "whole number")]
    [InlineData("quantile_bin(age)", 1, "quantile_bin(x, n)")]
    [InlineData("lowercase(a, b)", 14, "too many arguments")]
    [InlineData("ngram(a, 2, 3)", 13, "too many arguments")]
    [InlineData("cartesian(a)", 1, "too few arguments")]
    [InlineData("group_remove(ALL_TEXT)", 1, "too few arguments")]
    [InlineData("lowercase()", 11, "missing before ')'")]
    [InlineData("lowercase(a", 12, "lacks its ')'")]
    [InlineData("lowercase(a // b)", 13, "lacks its ')'")]
    [InlineData("lowercase(a))", 13, "unexpected ')'")]
    [InlineData("a b, c", 4, "unexpected ','")]
    [InlineData("lowercase('a)", 11, "quote is not closed")]
    [InlineData("lowercase('')", 11, "name is empty")]
    [InlineData("lowercase('a' b)", 15, "unexpected 'b'")]
    [InlineData("normalize(1stFlrSF)", 11, "in quotes: '1stFlrSF'")]
    [InlineData("_hidden", 1, "in quotes")]
    [InlineData("10", 1, "in quotes")]
    [InlineData("log(10)", 5, "in quotes")]
    [InlineData("add(a, 1e999)", 8, "in quotes")]
    [InlineData("add(a)", 1, "write add(a, b)")]
    [InlineData("clip(a, 1)", 1, "write clip(x, low, high)")]
    [InlineData("fill(a)", 1, "fill(x, median)")]
    [InlineData("hash(a, 29)", 9, "from 1 to 28")]
    [InlineData("a\\b", 2, "backslash")]
    [InlineData("", 1, "missing")]
    [InlineData("// only a comment", 1, "missing")]
    public void AWrongExpressionIsNamedWithItsColumnAndTheRemedy(string expression, int column, string reason)
    {
        var message = Assert.Throws<InvalidInputException>(() => Output(expression)).Message;
        Assert.StartsWith($"Recipe: outputs[0], column {column} of \"{expression}\": ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not valid JSON at line 1")]
    [InlineData("{\"outputs\": [\"a\",]}", "not valid JSON at line 1, byte 18")]
    [InlineData("{\n\"outputs\": nope}", "not valid JSON at line 2")]
    [InlineData("[]", "object is wanted, not an array")]
    [InlineData("{}", "outputs is missing")]
    [InlineData("{\"outputs\": []}", "outputs is empty")]
    [InlineData("{\"outputs\": \"a\"}", "must be a JSON array")]
    [InlineData("{\"outputs\": [1]}", "outputs[0]: an expression must be a JSON string, not a number")]
    [InlineData("{\"outputs\": [\"a\"], \"output\": []}", "unknown key \"output\"")]
    [InlineData("{\"outputs\": [\"a\"], \"outputs\": [\"a\"]}", "outputs stands there twice")]
    [InlineData("{\"groups\": [], \"outputs\": [\"a\"]}", "groups must be a JSON object")]
    [InlineData("{\"groups\": {\"G\": null}, \"outputs\": [\"a\"]}", "groups.G: an expression must be a JSON string, not null")]
    [InlineData("{\"groups\": {\"G\": \"group(a)\", \"G\": \"group(b)\"}, \"outputs\": [\"a\"]}", "groups.G: the name is used twice")]
    [InlineData("{\"groups\": {\"G\": \"group(a)\"}, \"assignments\": {\"G\": \"b\"}, \"outputs\": [\"a\"]}", "assignments.G: the name is used")]
    [InlineData("{\"groups\": {\"\": \"group(a)\"}, \"outputs\": [\"a\"]}", "1 to 64 characters")]
    [InlineData("{\"groups\": {\"1G\": \"group(a)\"}, \"outputs\": [\"a\"]}", "start with a letter")]
    [InlineData("{\"groups\": {\"ALL_TEXT\": \"group(a)\"}, \"outputs\": [\"a\"]}", "built in")]
    [InlineData("{\"assignments\": {\"ngram\": \"lowercase(a)\"}, \"outputs\": [\"a\"]}", "built in")]
    [InlineData("{\"groups\": {\"G\": \"group(a) // b\"}, \"outputs\": [\"a\"]}", "groups.G, column 10")]
    [InlineData("{\"groups\": {\"G\": \"a // b\"}, \"outputs\": [\"a\"]}", "a comment may stand in outputs only")]
    [InlineData("{\"outputs\": [\"\\ud800\"]}", "incomplete \\u escape")]
    public void AWrongFormIsNamedWithItsKey(string json, string reason) =>
        Assert.Contains(reason, Error(json), StringComparison.Ordinal);

    [Fact]
    public void AByteOrderMarkIsIgnored() => Assert.Single(Recipe.Parse("\uFEFF{\"outputs\":[\"a\"]}").Outputs);

    [Fact]
    public void NamesAreAtMost64CharactersLong()
    {
        static string Named(int length) => $$"""{"groups": {"{{new string('g', length)}}": "ALL_TEXT"}, "outputs": ["ALL_INPUTS"]}""";
        Assert.Single(Recipe.Parse(Named(64)).Groups);
        Assert.Contains("64", Error(Named(65)), StringComparison.Ordinal);
    }

    [Fact]
    public void ARecipeIsAtMost131071CharactersLong()
    {
        static string OfLength(int length) => $$"""{"outputs": ["a{{new string(' ', length - 18)}}"]}""";
        Assert.Equal(131_071, OfLength(131_071).Length);
        Assert.Single(Recipe.Parse(OfLength(131_071)).Outputs);
        Assert.Contains("131072 characters", Error(OfLength(131_072)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    [InlineData(10_000, false)]
    public void DeepNestingEndsInAnErrorNotInAStackOverflow(int depth, bool isAllowed)
    {
        var expression = string.Concat(Enumerable.Repeat("lowercase(", depth)) + "a" + new string(')', depth);
        if (isAllowed)
            Assert.Equal(expression, Output(expression).Outputs[0].Expression.ToString());
        else
            Assert.Contains("64 deep", Assert.Throws<InvalidInputException>(() => Output(expression)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void JsonIsLaidOutAsAmazonsGeneratedRecipes()
    {
        var recipe = Recipe.Parse("""{"groups":{"NUMERIC_VARS_QB_10":"group('age','fnl\"wgt')"},"outputs":["ALL_BINARY","quantile_bin(NUMERIC_VARS_QB_10,10)//x"]}""");
        Assert.Equal("""
            {
              "groups" : {
                "NUMERIC_VARS_QB_10" : "group('age','fnl\"wgt')"
              },
              "assignments" : { },
              "outputs" : [ "ALL_BINARY", "quantile_bin(NUMERIC_VARS_QB_10,10)//x" ]
            }
            """, recipe.ToJson());
        Assert.Equal(recipe.ToJson(), Recipe.Parse(recipe.ToJson()).ToJson());
    }

    private static readonly Gen<string> Names = Gen.OneOf(
        Gen.Const("age"), Gen.Const("1st floor"), Gen.Const("it's"), Gen.Const("a,b"), Gen.Const("x//y"), Gen.Const("day of week"),
        Gen.Const("(x)"), Gen.Const("a\"b"), Gen.Const(" led"), Gen.Const("Ä\t"), Gen.Const("10"), Gen.Const("p\\q"));

    private static readonly Gen<RecipeExpression> Expressions = Gen.Recursive<RecipeExpression>((depth, inner) =>
        depth > 3 ? Names.Select(name => (RecipeExpression)new NameExpression(name, 1)) : Gen.OneOf(
            Names.Select(name => (RecipeExpression)new NameExpression(name, 1)),
            Gen.Select(Gen.Enum<RecipeFunction>(), inner, inner, Gen.Int[5, 10], Gen.Double).Select((function, first, second, n, number) =>
                (RecipeExpression)new CallExpression(
                    function,
                    function switch
                    {
                        RecipeFunction.Cartesian or RecipeFunction.Group or RecipeFunction.GroupRemove or RecipeFunction.Add => [first, second],
                        RecipeFunction.Subtract or RecipeFunction.Multiply or RecipeFunction.Divide or RecipeFunction.Fill => [first, Number(number)],
                        RecipeFunction.Clip => [first, Number(n), Number(number)],
                        _ => [first],
                    },
                    function is RecipeFunction.Ngram or RecipeFunction.Osb or RecipeFunction.QuantileBin or RecipeFunction.Hash ? n : null,
                    1))));

    private static NumberExpression Number(double value) => new(double.IsFinite(value) ? value : 0.1, 1);

    [Fact]
    public void PrintingAnExpressionAndReadingItGivesTheSame() =>
        Expressions.Sample(expression => Assert.Equal(expression.ToString(), Output(expression.ToString()).Outputs[0].Expression.ToString()));

    [Fact]
    public void PrintingAnExpressionKeepsItsNames() =>
        Names.Sample(name => Assert.Equal(name, ((NameExpression)Output(new NameExpression(name, 1).ToString()).Outputs[0].Expression).Name));

    [Fact]
    public void RandomTextIsReadOrRefusedAndNothingElse()
    {
        const string alphabet = "ab1_'\"(),\\/ \t\né{}[]:";
        Gen.Int[0, alphabet.Length - 1].Select(i => alphabet[i]).Array[0, 30].Select(characters => new string(characters))
            .Sample(text =>
            {
                ReadOrRefuse(text);
                ReadOrRefuse(JsonSerializer.Serialize(new { outputs = new[] { text } }));
            });
    }

    [Fact]
    public void MutatedRecipesAreReadOrRefusedAndNothingElse()
    {
        const string recipe = """{"groups":{"G":"group('1st',b)"},"assignments":{"a":"ngram(lowercase(G),2)"},"outputs":["a // b","osb(c,10)"]}""";
        Gen.Select(Gen.Int[0, recipe.Length - 1], Gen.Int[0, 5], Gen.Char['\0', '\u0100']).Array[1, 4].Sample(mutations =>
        {
            var text = recipe;
            foreach (var (at, length, character) in mutations)
            {
                var start = Math.Min(at, text.Length);
                text = text.Remove(start, Math.Min(length, text.Length - start)).Insert(start, $"{character}");
            }
            ReadOrRefuse(text);
        });
    }

    private static void ReadOrRefuse(string text)
    {
        try
        {
            Assert.NotEmpty(Recipe.Parse(text).Outputs);
        }
        catch (InvalidInputException error)
        {
            Assert.StartsWith("Recipe: ", error.Message, StringComparison.Ordinal);
        }
    }
}
