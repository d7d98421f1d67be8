using CsCheck;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;

namespace MlService.Learning.Tests.Recipes;

public class RecipeBindingTests
{
    private const string Schema = """
        {"version":"1.0","rowId":"id","rowWeight":"w","targetAttributeName":"y","dataFormat":"CSV","dataFileContainsHeader":true,
         "attributes":[
          {"attributeName":"id","attributeType":"CATEGORICAL"},{"attributeName":"subject","attributeType":"TEXT"},
          {"attributeName":"body","attributeType":"TEXT"},{"attributeName":"product","attributeType":"CATEGORICAL"},
          {"attributeName":"plan","attributeType":"CATEGORICAL"},{"attributeName":"age_days","attributeType":"NUMERIC"},
          {"attributeName":"replies","attributeType":"NUMERIC"},{"attributeName":"new","attributeType":"BINARY"},
          {"attributeName":"w","attributeType":"NUMERIC"},{"attributeName":"secret","attributeType":"NUMERIC"},
          {"attributeName":"y","attributeType":"BINARY"}],
         "excludedAttributeNames":["secret"]}
        """;

    private static string[] Bind(string recipe, string schema = Schema) =>
        [.. RecipeBinder.Bind(Recipe.Parse(recipe), DataSchema.Parse(schema)).Outputs.Select(output => output.Name)];

    private static string[] BindOutputs(params string[] outputs) =>
        Bind($$"""{"outputs": [{{string.Join(", ", outputs.Select(output => $"\"{output}\""))}}]}""");

    private static string SchemaOf(params (string Name, string Type)[] attributes) => $$"""
        {"version":"1.0","targetAttributeName":"{{attributes[^1].Name}}","dataFormat":"CSV","attributes":[{{
            string.Join(",", attributes.Select(a => $$"""{"attributeName":"{{a.Name}}","attributeType":"{{a.Type}}"}"""))}}]}
        """;

    [Theory]
    [InlineData("ALL_INPUTS", "subject body product plan age_days replies new")]
    [InlineData("ALL_TEXT", "subject body")]
    [InlineData("ALL_NUMERIC", "age_days replies")]
    [InlineData("ALL_CATEGORICAL", "product plan")]
    [InlineData("ALL_BINARY", "new")]
    [InlineData("group(ALL_CATEGORICAL, ALL_BINARY, plan)", "product plan new")]
    [InlineData("group_remove(ALL_NUMERIC, replies, subject, y)", "age_days")]
    [InlineData("group_remove(group(ALL_TEXT, plan), ALL_TEXT)", "plan")]
    [InlineData("lowercase(no_punct(ALL_TEXT))", "subject~no_punct~lowercase body~no_punct~lowercase")]
    [InlineData("quantile_bin(normalize(replies), 10)", "replies~normalize~quantile_bin(10)")]
    public void AnOutputStandsForTheseVariables(string output, string variables) =>
        Assert.Equal(variables.Split(' '), BindOutputs(output));

    [Fact]
    public void AProductOfGroupsIsEveryCombinationOfTheirMembers() =>
        Assert.Equal(
            ["subject x product", "subject x plan", "body x product", "body x plan", "(product x plan) x new"],
            BindOutputs("cartesian(ALL_TEXT, ALL_CATEGORICAL)", "cartesian(cartesian(product, plan), new)"));

    [Fact]
    public void ArithmeticOfGroupsIsThatOfEveryPairOfTheirMembers() =>
        Assert.Equal(
            ["subtract(age_days, replies)", "subtract(replies, replies)", "age_days~log", "replies~log", "age_days~fill(0)", "replies~fill(0)"],
            BindOutputs("subtract(ALL_NUMERIC, replies)", "log(ALL_NUMERIC)", "fill(ALL_NUMERIC, 0)"));

    [Fact]
    public void AttributesGroupsAndAssignmentsMayBeNamedAsOurFunctionsAre() =>
        Assert.Equal(["hour", "hour~month", "'5'~log"], Bind("""{"groups":{"log":"group(hour)"},"assignments":{"month":"month(log)"},"outputs":["hour","month","log('5')"]}""",
            SchemaOf(("hour", "CATEGORICAL"), ("5", "NUMERIC"), ("y", "BINARY"))));

    [Fact]
    public void AnOutputListedTwiceIsKeptOnceAndInItsFirstPlace() =>
        Assert.Equal(["plan", "product", "replies~quantile_bin(10)", "replies"],
            BindOutputs("plan", "ALL_CATEGORICAL", "quantile_bin(replies,10)", "quantile_bin( 'replies', 10) // again", "replies"));

    [Fact]
    public void DefinitionsMayUseEachOtherInAnyOrder() =>
        Assert.Equal(["subject~lowercase~ngram(2)", "body~lowercase~ngram(2)"],
            Bind("""{"groups":{"G":"group(low)"},"assignments":{"pairs":"ngram(G,2)","low":"lowercase(ALL_TEXT)"},"outputs":["pairs"]}"""));

    [Fact]
    public void TypesFollowTheTransformations()
    {
        var recipe = Recipe.Parse("""{"outputs":["cartesian(quantile_bin(replies,10),new)","quantile_bin(replies,10)","normalize(replies)","osb(body,2)"]}""");
        Assert.Equal([AttributeType.Categorical, AttributeType.Categorical, AttributeType.Numeric, AttributeType.Text],
            RecipeBinder.Bind(recipe, DataSchema.Parse(Schema)).Outputs.Select(output => output.Type));
    }

    [Theory]
    [InlineData("ngram(replies, 2)", 7, "ngram wants TEXT, but replies is NUMERIC")]
    [InlineData("lowercase(ALL_CATEGORICAL)", 11, "lowercase wants TEXT, but product is CATEGORICAL")]
    [InlineData("quantile_bin(body, 10)", 14, "quantile_bin wants NUMERIC, but body is TEXT")]
    [InlineData("normalize(quantile_bin(replies, 10))", 11, "normalize wants NUMERIC, but replies~quantile_bin(10) is CATEGORICAL")]
    [InlineData("cartesian(plan, replies)", 17, "with quantile_bin")]
    [InlineData("normalize(Replies)", 11, "did you mean \"replies\"")]
    [InlineData("WORDS", 1, "no attribute, group or assignment \"WORDS\"")]
    [InlineData("normalize(w)", 11, "the row weight")]
    [InlineData("secret", 1, "an excluded attribute")]
    [InlineData("cartesian(plan, id)", 17, "the row id")]
    [InlineData("y", 1, "the target")]
    [InlineData("group(ALL_INPUTS)", 7, "no group may be made of it")]
    [InlineData("group_remove('ALL_INPUTS', plan)", 14, "no group may be made of it")]
    [InlineData("add(replies, body)", 14, "add wants NUMERIC, but body is TEXT")]
    [InlineData("add(1, 2)", 1, "at least one attribute")]
    [InlineData("log(plan)", 5, "log wants NUMERIC")]
    [InlineData("clip(replies, age_days, 3)", 15, "the bounds of clip must be two numbers")]
    [InlineData("clip(replies, 3, 2)", 15, "the smaller one first")]
    [InlineData("clip(1, 2, 3)", 6, "clip wants an attribute here, not a number")]
    [InlineData("fill(replies, age_days)", 15, "mean, median or a number")]
    [InlineData("fill(plan, mean)", 6, "fill wants NUMERIC")]
    [InlineData("hash(replies, 10)", 6, "hash wants CATEGORICAL or TEXT, but replies is NUMERIC")]
    [InlineData("year(replies)", 6, "year wants CATEGORICAL or TEXT")]
    [InlineData("month(lowercase(body))", 7, "month wants an attribute as it is")]
    [InlineData("days(hour(plan))", 6, "days wants an attribute as it is")]
    [InlineData("sin(plan)", 5, "as in sin(hour(x))")]
    [InlineData("cos(year(plan))", 5, "as in cos(hour(x))")]
    [InlineData("quantile_bin(days(plan), 10)", 1, "they hold none of dates")]
    [InlineData("fill(sin(hour(plan)), mean)", 1, "they hold none of dates")]
    [InlineData("cartesian(is_missing(plan), days(plan))", 29, "with quantile_bin")]
    public void AnOutputThatDoesNotFitTheSchemaIsNamedWithItsColumn(string output, int column, string reason)
    {
        var message = Assert.Throws<InvalidInputException>(() => BindOutputs(output)).Message;
        Assert.StartsWith($"Recipe: outputs[0], column {column} of \"{output}\": ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"groups":{"G":"group(ALL_INPUTS)"},"outputs":["G"]}""", "groups.G, column 7")]
    [InlineData("""{"assignments":{"a":"ALL_INPUTS"},"outputs":["a"]}""", "assignments.a, column 1")]
    [InlineData("""{"assignments":{"a":"lowercase(b)","b":"no_punct(a)"},"outputs":["body"]}""", "defined by itself")]
    [InlineData("""{"groups":{"G":"group(plan,G)"},"outputs":["body"]}""", "groups.G, column 1")]
    [InlineData("""{"groups":{"plan":"group(product)"},"outputs":["body"]}""", "the schema has an attribute of the name plan")]
    [InlineData("""{"assignments":{"unused":"lowercase(replies)"},"outputs":["body"]}""", "assignments.unused, column 11")]
    public void ADefinitionThatCannotBeIsAnErrorUsedOrNot(string recipe, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidInputException>(() => Bind(recipe)).Message, StringComparison.Ordinal);

    [Fact]
    public void AnEmptyGroupIsNoErrorUnlessNothingIsLeft()
    {
        var schema = SchemaOf(("n", "NUMERIC"), ("y", "BINARY"));
        Assert.Equal(["n"], Bind("""{"outputs":["ALL_BINARY","lowercase(ALL_TEXT)","cartesian(ALL_TEXT,ALL_CATEGORICAL)","n"]}""", schema));
        var error = Assert.Throws<InvalidInputException>(() => Bind("""{"outputs":["ALL_BINARY"]}""", schema));
        Assert.Contains("no variable is left", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARecipeHasAtMost10000Outputs()
    {
        var schema = SchemaOf([.. Enumerable.Range(0, 100).Select(i => ($"c{i}", "CATEGORICAL")), ("y", "BINARY")]);
        Assert.Equal(10_000, Bind("""{"outputs":["cartesian(ALL_CATEGORICAL, ALL_CATEGORICAL)"]}""", schema).Length);
        Assert.Contains("more than 10000 output variables", Assert.Throws<InvalidInputException>(
            () => Bind("""{"outputs":["cartesian(ALL_CATEGORICAL, ALL_CATEGORICAL)", "c1"]}""", schema)).Message, StringComparison.Ordinal);
        Assert.Contains("more than 10000 combinations", Assert.Throws<InvalidInputException>(
            () => Bind("""{"outputs":["cartesian(ALL_CATEGORICAL, ALL_CATEGORICAL, ALL_CATEGORICAL, c1)"]}""", schema)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cartesian({0}, {0})")]
    [InlineData("lowercase(group({0}, body))")]
    [InlineData("{0}")]
    public void AChainOfDefinitionsEndsSoonInAResultOrAnError(string step)
    {
        // Written backwards, so that resolving the first one goes through all of them.
        var definitions = Enumerable.Range(0, 2000).Reverse()
            .Select(i => $"\"a{i}\": \"{string.Format(null, step, i == 0 ? "subject" : $"a{i - 1}")}\"");
        var message = Assert.Throws<InvalidInputException>(
            () => Bind($$"""{"assignments":{ {{string.Join(",", definitions)}} },"outputs":["a1999"]}""")).Message;
        Assert.Contains("assignments.a", message, StringComparison.Ordinal);
    }

    [Fact]
    public void GroupsOfManyMembersManyTimesOverAreRefused()
    {
        var schema = SchemaOf([.. Enumerable.Range(0, 900).Select(i => ($"n{i}", "NUMERIC")), ("y", "BINARY")]);
        var groups = Enumerable.Range(0, 2000).Select(i => $"\"G{i}\": \"group(ALL_NUMERIC, ALL_NUMERIC)\"");
        Assert.Contains("1000000 members", Assert.Throws<InvalidInputException>(
            () => Bind($$"""{"groups":{ {{string.Join(",", groups)}} },"outputs":["G1"]}""", schema)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MutatedRecipesAreBoundOrRefusedAndNothingElse()
    {
        const string recipe = """{"groups":{"G":"group(subject,body)","H":"group_remove(ALL_NUMERIC,w)"},"assignments":{"a":"ngram(lowercase(G),2)","b":"quantile_bin(H,10)"},"outputs":["a","cartesian(b,a,plan)","ALL_INPUTS"]}""";
        string[] pieces = ["G", "H", "a", "b", "plan", "replies", "ALL_TEXT", "y", "'", "(", ")", ",", "cartesian(", "group(", "normalize("];
        Gen.Select(Gen.Int[0, recipe.Length - 1], Gen.Int[0, 6], Gen.Int[0, pieces.Length - 1]).Array[1, 4].Sample(mutations =>
        {
            var text = recipe;
            foreach (var (at, length, piece) in mutations)
            {
                var start = Math.Min(at, text.Length);
                text = text.Remove(start, Math.Min(length, text.Length - start)).Insert(start, pieces[piece]);
            }
            try
            {
                Assert.InRange(Bind(text).Length, 1, BoundRecipe.MaxOutputs);
            }
            catch (InvalidInputException error)
            {
                Assert.StartsWith("Recipe: ", error.Message, StringComparison.Ordinal);
            }
        });
    }

    /// <summary>Recipes in the forms that the service and its users wrote, each with a schema of the data they were for.</summary>
    public static TheoryData<string, string, int> PublishedForms => new()
    {
        {
            """{"groups":{},"assignments":{},"outputs":["ALL_INPUTS"]}""",
            SchemaOf(("t", "TEXT"), ("y", "BINARY")), 1
        },
        {
            """{"groups":{"NUMERIC_VARS_QB_500":"group('capital-loss','capital-gain','fnlwgt')","NUMERIC_VARS_QB_10":"group('education-num','hours-per-week','age')"},"assignments":{ },"outputs":["ALL_BINARY","ALL_CATEGORICAL","quantile_bin(NUMERIC_VARS_QB_500,500)","quantile_bin(NUMERIC_VARS_QB_10,10)"]}""",
            SchemaOf(("age", "NUMERIC"), ("fnlwgt", "NUMERIC"), ("education", "CATEGORICAL"), ("education-num", "NUMERIC"),
                ("capital-gain", "NUMERIC"), ("capital-loss", "NUMERIC"), ("hours-per-week", "NUMERIC"), ("income", "BINARY")), 7
        },
        {
            """{"groups":{"FLOORS":"group('1st floor','2nd floor')","REST":"group_remove(ALL_NUMERIC, '1st floor', '2nd floor', year)"},"assignments":{},"outputs":["quantile_bin(FLOORS, 20)","normalize(REST)","ALL_BINARY","ALL_CATEGORICAL"]}""",
            SchemaOf(("1st floor", "NUMERIC"), ("2nd floor", "NUMERIC"), ("year", "NUMERIC"), ("lot", "NUMERIC"), ("price", "NUMERIC")), 3
        },
        {
            """{"groups":{},"assignments":{"price_bin":"quantile_bin(price, 100)","title_words":"lowercase(title)"},"outputs":["cartesian(price_bin, title_words)","cartesian(price_bin, quantile_bin(age, 10), country)","price","title_words"]}""",
            SchemaOf(("price", "NUMERIC"), ("title", "TEXT"), ("age", "NUMERIC"), ("country", "CATEGORICAL"), ("y", "BINARY")), 4
        },
        {
            """{"outputs":["quantile_bin(ALL_NUMERIC,20)","ALL_CATEGORICAL","ALL_BINARY"]}""",
            SchemaOf(("a", "NUMERIC"), ("b", "NUMERIC"), ("c", "CATEGORICAL"), ("y", "BINARY")), 3
        },
        {
            """{"groups":{"LONGTEXT":"group_remove(ALL_TEXT, title, subject)","SPECIAL":"group(ALL_CATEGORICAL, ALL_BINARY)"},"assignments":{"binned_age":"quantile_bin(age,30)","country_gender":"cartesian(country, gender)"},"outputs":["lowercase(no_punct(LONGTEXT))","ngram(lowercase(no_punct(title)),3)","quantile_bin(hours-per-week, 10)","hours-per-week // kept as a number too","cartesian(binned_age, quantile_bin(hours-per-week,10))","country_gender","SPECIAL"]}""",
            SchemaOf(("title", "TEXT"), ("subject", "TEXT"), ("body", "TEXT"), ("age", "NUMERIC"), ("hours-per-week", "NUMERIC"),
                ("country", "CATEGORICAL"), ("gender", "BINARY"), ("y", "CATEGORICAL")), 8
        },
    };

    [Theory]
    [MemberData(nameof(PublishedForms))]
    public void PublishedRecipesBind(string recipe, string schema, int outputs) =>
        Assert.Equal(outputs, Bind(recipe, schema).Length);
}
