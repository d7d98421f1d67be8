using MlService.Learning.Schemas;

namespace MlService.Learning.Recipes;

/// <summary>
/// Binds a recipe to a schema: resolves names, replaces groups by their members, and checks types. Definitions may use each
/// other in any order, without cycles. All of them are checked, used or not.
/// </summary>
internal sealed class RecipeBinder
{
    // A group may stand in a group and a product in a product, so a short text can ask for billions of variables: these
    // bounds stop it early. The first is on the members of all groups and results together.
    private const int MaxMembers = 1_000_000;
    private const int MaxVariables = 100_000;
    private const int MaxNameLength = 4096;
    private const int MaxRecursion = 512;

    private sealed class Definition(RecipeDefinition syntax)
    {
        public RecipeDefinition Syntax => syntax;
        public IReadOnlyList<BoundExpression>? Members { get; set; }
        public bool IsOpen { get; set; }
    }

    private readonly DataSchema _schema;
    private readonly Dictionary<string, Definition> _definitions = [];
    private readonly Dictionary<string, BoundExpression> _variables = [];
    private int _members;
    private int _recursion;

    private RecipeBinder(Recipe recipe, DataSchema schema)
    {
        _schema = schema;
        foreach (var syntax in recipe.Groups.Concat(recipe.Assignments))
        {
            if (schema.IndexOf(syntax.Name) >= 0)
                throw new InvalidInputException($"Recipe: {syntax.Place.Key}: the schema has an attribute of the name "
                    + $"{syntax.Name}; choose another name.");
            _definitions.Add(syntax.Name, new Definition(syntax));
        }
    }

    /// <summary>Binds a recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="schema">The schema of the training data.</param>
    /// <exception cref="InvalidInputException">A name is unknown or no input, a definition uses itself, a type does not fit, or
    /// there are no or more than <see cref="BoundRecipe.MaxOutputs"/> output variables; the message names the key, the
    /// expression and the column.</exception>
    public static BoundRecipe Bind(Recipe recipe, DataSchema schema)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(schema);
        var binder = new RecipeBinder(recipe, schema);
        foreach (var definition in binder._definitions.Values)
            binder.Resolve(definition);

        var outputs = new List<BoundExpression>();
        var seen = new HashSet<BoundExpression>();
        foreach (var output in recipe.Outputs)
        {
            outputs.AddRange(binder.Bind(output.Expression, output.Place, inGroup: false).Where(seen.Add));
            if (outputs.Count > BoundRecipe.MaxOutputs)
                throw output.Place.Error(output.Expression.Column,
                    $"with this the recipe has more than {BoundRecipe.MaxOutputs} output variables");
        }
        if (outputs.Count == 0)
            throw new InvalidInputException("Recipe: outputs: no variable is left, because every group named there is empty "
                + "for this schema.");
        return new BoundRecipe(recipe, schema, outputs);
    }

    private IReadOnlyList<BoundExpression> Resolve(Definition definition)
    {
        if (definition.Members is not null)
            return definition.Members;
        var (syntax, place) = (definition.Syntax, definition.Syntax.Place);
        if (definition.IsOpen)
            throw place.Error(syntax.Expression.Column, $"{syntax.Name} is defined by itself, directly or through others");
        definition.IsOpen = true;
        definition.Members = Bind(syntax.Expression, place, place.Key.StartsWith("groups.", StringComparison.Ordinal));
        definition.IsOpen = false;
        return definition.Members;
    }

    private IReadOnlyList<BoundExpression> Bind(RecipeExpression expression, RecipePlace place, bool inGroup)
    {
        if (++_recursion > MaxRecursion)
            throw place.Error(expression.Column, $"definitions use each other more than {MaxRecursion} levels deep");
        var members = expression switch
        {
            NameExpression name => BindName(name, place, inGroup),
            NumberExpression number => [Constant(number.Value)],
            CallExpression call => BindCall(call, place, inGroup),
            _ => throw new InvalidOperationException($"Unknown syntax {expression.GetType()}."),
        };
        _recursion--;
        _members += members.Count;
        return _members <= MaxMembers
            ? members
            : throw place.Error(expression.Column, $"the groups and results of the recipe have more than {MaxMembers} members");
    }

    private IReadOnlyList<BoundExpression> BindName(NameExpression expression, RecipePlace place, bool inGroup)
    {
        var name = expression.Name;
        if (name == BuiltInGroup.AllInputs && (inGroup || !place.Key.StartsWith("outputs[", StringComparison.Ordinal)))
            throw place.Error(expression.Column, "ALL_INPUTS may stand in outputs only, and no group may be made of it; "
                + "use ALL_TEXT, ALL_NUMERIC, ALL_CATEGORICAL and ALL_BINARY");
        if (BuiltInGroup.IsBuiltIn(name))
            return [.. Enumerable.Range(0, _schema.Attributes.Count).Where(index => IsMember(index, name)).Select(Attribute)];
        if (_definitions.TryGetValue(name, out var definition))
            return Resolve(definition);

        var attribute = _schema.IndexOf(name);
        if (attribute < 0)
            throw place.Error(expression.Column, $"there is no attribute, group or assignment \"{RecipePlace.Shorten(name)}\""
                + Suggest(name));
        if (!_schema.IsInput(attribute))
            throw place.Error(expression.Column, $"\"{name}\" is {Role(attribute)} of the schema and cannot be an input");
        return [Attribute(attribute)];
    }

    private List<BoundExpression> BindCall(CallExpression call, RecipePlace place, bool inGroup)
    {
        if (call.Function is RecipeFunction.Group or RecipeFunction.GroupRemove)
            inGroup = true;
        if (call.Function == RecipeFunction.GroupRemove)
            return BindRemoval(call, place);
        if (call.Function == RecipeFunction.Fill)
            return BindFill(call, place, inGroup);
        var arguments = call.Arguments.Select(argument => Bind(argument, place, inGroup)).ToArray();
        switch (call.Function)
        {
            case RecipeFunction.Group:
                return [.. arguments.SelectMany(members => members).Distinct()];
            case >= RecipeFunction.Cartesian and <= RecipeFunction.Divide:
                if (arguments.All(members => members.Any(member => member.Constant is not null)))
                    throw place.Error(call.Column, $"{FunctionSignature.Of(call.Function).Name} wants at least one attribute");
                return Combine(call, arguments, place);
            case RecipeFunction.Clip:
                if (arguments[1..].Any(members => members is not [{ Constant: not null }])
                    || arguments[1][0].Constant > arguments[2][0].Constant)
                    throw place.Error(call.Arguments[1].Column, "the bounds of clip must be two numbers, the smaller one first");
                return [.. arguments[0].Select(member => Transform(call, [member, arguments[1][0], arguments[2][0]], place))];
            default:
                return [.. arguments[0].Select(member => Transform(call, [member], place))];
        }
    }

    private List<BoundExpression> BindFill(CallExpression call, RecipePlace place, bool inGroup)
    {
        var members = Bind(call.Arguments[0], place, inGroup);
        return call.Arguments[1] switch
        {
            NumberExpression number => [.. members.Select(member => Transform(call, [member, Constant(number.Value)], place))],
            NameExpression { Name: "mean" } => [.. members.Select(member => Transform(call, [member], place, FillValue.Mean))],
            NameExpression { Name: "median" } => [.. members.Select(member => Transform(call, [member], place, FillValue.Median))],
            _ => throw place.Error(call.Arguments[1].Column, "fill wants mean, median or a number for what is missing"),
        };
    }

    private List<BoundExpression> BindRemoval(CallExpression call, RecipePlace place)
    {
        var removed = new HashSet<BoundExpression>();
        foreach (var argument in call.Arguments.Skip(1))
        {
            // The target or an excluded attribute is in no group: taking it away changes nothing.
            if (argument is NameExpression { Name: var name } && _schema.IndexOf(name) is >= 0 and var index
                && !_schema.IsInput(index))
                continue;
            removed.UnionWith(Bind(argument, place, inGroup: true));
        }
        return [.. Bind(call.Arguments[0], place, inGroup: true).Where(member => !removed.Contains(member))];
    }

    private BoundExpression Transform(
        CallExpression call, IReadOnlyList<BoundExpression> arguments, RecipePlace place, FillValue fill = FillValue.Constant)
    {
        var (signature, member) = (FunctionSignature.Of(call.Function), arguments[0]);
        CheckType(call, 0, member, place);
        if ((signature.IsDatePart || call.Function == RecipeFunction.Days) && member.Attribute < 0)
            throw place.Error(call.Arguments[0].Column, $"{signature.Name} wants an attribute as it is, not {member.Name}");
        if (call.Function is RecipeFunction.Sin or RecipeFunction.Cos
            && member.Function is not (RecipeFunction.Month or RecipeFunction.Day or RecipeFunction.DayOfWeek or RecipeFunction.Hour))
            throw place.Error(call.Arguments[0].Column, $"{signature.Name} wants month, day, day_of_week or hour of a date, as in "
                + $"{signature.Name}(hour(x)), not {member.Name}");
        var isLearned = call.Function is RecipeFunction.QuantileBin or RecipeFunction.Normalize || fill != FillValue.Constant;
        if (isLearned && member.IsOfDates)
            throw place.Error(call.Column, $"{signature.Name} learns from the statistics of numbers, and they hold none of dates; "
                + "take the number as it is, or the parts of the date");
        return Variable(call, arguments, place, fill);
    }

    private static void CheckType(CallExpression call, int argument, BoundExpression member, RecipePlace place)
    {
        var signature = FunctionSignature.Of(call.Function);
        if (member.Constant is not null && (argument > 0 || signature.MaxArguments == 2))
            return;
        if (member.Constant is not null)
            throw place.Error(call.Arguments[argument].Column, $"{signature.Name} wants an attribute here, not a number");
        if (signature.Takes.Length == 0 || signature.Takes.Contains(member.Type))
            return;
        var wanted = string.Join(" or ", signature.Takes.Select(TypeName));
        throw place.Error(call.Arguments[argument].Column, $"{signature.Name} wants {wanted}, but {member.Name} is {TypeName(member.Type)}"
            + (call.Function == RecipeFunction.Cartesian ? "; put it in bins first, with quantile_bin" : ""));
    }

    /// <summary>A variable for each combination of the arguments' members.</summary>
    private List<BoundExpression> Combine(
        CallExpression call, IReadOnlyList<BoundExpression>[] arguments, RecipePlace place)
    {
        long combinations = 1;
        for (var i = 0; i < arguments.Length; i++)
        {
            foreach (var member in arguments[i])
                CheckType(call, i, member, place);
            combinations = Math.Min(combinations * arguments[i].Count, int.MaxValue);
        }
        if (combinations > BoundRecipe.MaxOutputs)
            throw place.Error(call.Column, $"the product has more than {BoundRecipe.MaxOutputs} combinations of variables");

        var products = new List<BoundExpression>((int)combinations);
        for (long combination = 0; combination < combinations; combination++)
        {
            var factors = new BoundExpression[arguments.Length];
            var rest = combination;
            for (var i = arguments.Length - 1; i >= 0; i--)
            {
                factors[i] = arguments[i][(int)(rest % arguments[i].Count)];
                rest /= arguments[i].Count;
            }
            products.Add(Variable(call, factors, place));
        }
        return products;
    }

    private BoundExpression Variable(
        CallExpression call, IReadOnlyList<BoundExpression> arguments, RecipePlace place, FillValue fill = FillValue.Constant)
    {
        if (arguments.Any(argument => argument.Function == RecipeFunction.TfIdf))
            throw place.Error(call.Column, $"nothing can be made of tfidf(…), which weighs what goes to the learner; put it outermost, as in tfidf({FunctionSignature.Of(call.Function).Name}(x))");
        var key = $"{call.Function}({string.Join(',', arguments.Select(argument => argument.Index))};{call.Parameter};{fill})";
        if (_variables.TryGetValue(key, out var variable))
            return variable;
        variable = new BoundExpression(_variables.Count, call.Function, call.Parameter ?? 0, arguments, fill);
        if (variable.Depth > RecipeExpression.MaxDepth)
            throw place.Error(call.Column, $"more than {RecipeExpression.MaxDepth} transformations stand on top of each other");
        if (variable.NameLength > MaxNameLength)
            throw place.Error(call.Column, $"written out, this is longer than {MaxNameLength} characters; use fewer factors");
        if (_variables.Count == MaxVariables)
            throw place.Error(call.Column, $"the recipe makes more than {MaxVariables} different variables");
        _variables.Add(key, variable);
        return variable;
    }

    private BoundExpression Constant(double value)
    {
        var key = FormattableString.Invariant($"number {value:R}");
        if (!_variables.TryGetValue(key, out var variable))
            _variables.Add(key, variable = new BoundExpression(_variables.Count, value));
        return variable;
    }

    private BoundExpression Attribute(int index)
    {
        var key = $"{index}";
        if (!_variables.TryGetValue(key, out var variable))
            _variables.Add(key, variable = new BoundExpression(_variables.Count, _schema.Attributes[index], index));
        return variable;
    }

    private bool IsMember(int attribute, string group) => _schema.IsInput(attribute) && group switch
    {
        BuiltInGroup.AllText => _schema.Attributes[attribute].Type == AttributeType.Text,
        BuiltInGroup.AllNumeric => _schema.Attributes[attribute].Type == AttributeType.Numeric,
        BuiltInGroup.AllCategorical => _schema.Attributes[attribute].Type == AttributeType.Categorical,
        BuiltInGroup.AllBinary => _schema.Attributes[attribute].Type == AttributeType.Binary,
        _ => true,
    };

    private string Role(int attribute) =>
        attribute == _schema.TargetIndex ? "the target"
        : attribute == _schema.RowIdIndex ? "the row id"
        : attribute == _schema.RowWeightIndex ? "the row weight"
        : "an excluded attribute";

    private string Suggest(string name)
    {
        var known = BuiltInGroup.Names.Concat(_definitions.Keys).Concat(_schema.Attributes.Select(attribute => attribute.Name));
        var near = known.FirstOrDefault(other => string.Equals(other, name, StringComparison.OrdinalIgnoreCase));
        return near is null ? "" : $"; did you mean \"{near}\"? Upper and lower case differ";
    }

    private static string TypeName(AttributeType type) => type.ToString().ToUpperInvariant();
}
