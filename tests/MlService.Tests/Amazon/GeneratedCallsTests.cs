using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using MlService.Amazon;
using MlService.Tests.Access;

namespace MlService.Tests.Amazon;

/// <summary>Generated requests of every operation: whatever is sent, the answer has the shape that the service model promises.</summary>
public sealed class GeneratedCallsTests(RunningService service, KeysService keys) : IClassFixture<RunningService>, IClassFixture<KeysService>
{
    private const int CallsPerOperation = 20;
    private const int SignedCallsPerOperation = 5;

    private static readonly string[] Errors =
    [
        "InvalidInputException", "ResourceNotFoundException", "IdempotentParameterMismatchException", "InvalidTagException",
        "TagLimitExceededException", "PredictorNotMountedException", "SerializationException",
    ];

    public static TheoryData<string> Operations => [.. Operation.All.Keys.Order()];

    [Theory]
    [MemberData(nameof(Operations))]
    public Task EveryAnswerHasAShapeOfTheModel(string operation) =>
        Check(operation, CallsPerOperation, json => service.Client.Amazon(operation, json), Errors);

    /// <summary>The service lets a key predict once a second.</summary>
    [Theory]
    [MemberData(nameof(Operations))]
    public Task SoHasEveryAnswerToASignedRequest(string operation) => Check(
        operation, SignedCallsPerOperation, json => keys.Http.Signed(KeysService.First, operation, json),
        operation == "Predict" ? [.. Errors, "LimitExceededException"] : Errors);

    private static Task Check(string name, int calls, Func<string, Task<(HttpStatusCode Status, JsonNode Body)>> send, string[] errors)
    {
        var operation = Operation.All[name];
        return Structure(operation.Input).SampleAsync(
            async request =>
            {
                var (status, body) = await send(request.ToJsonString());
                if (status == HttpStatusCode.OK)
                {
                    Fits(operation.Output, JsonSerializer.SerializeToElement(body), name);
                    return;
                }
                Assert.True((int)status < 500, $"{request.ToJsonString()}: {body.ToJsonString()}");
                Assert.Contains((string?)body["__type"], errors);
                Assert.InRange(((string?)body["message"])!.Length, 1, 2048);
                Assert.Equal(["__type", "message"], body.AsObject().Select(member => member.Key));
            },
            iter: calls, threads: 1);
    }

    /// <summary>Mostly values that the model allows, drawn from few ids so that calls meet each other; now and then anything.</summary>
    private static Gen<JsonNode?> Value(Shape shape) => Gen.Frequency(
        (12, Allowed(shape)),
        (1, Gen.OneOf(
            Gen.Const(() => (JsonNode?)null), Gen.Int.Select(number => (JsonNode?)number), Gen.Bool.Select(flag => (JsonNode?)flag),
            Gen.String[0, 80].Select(text => (JsonNode?)Unicode(text)), Gen.Const(() => (JsonNode?)new JsonArray()), Gen.Const(() => (JsonNode?)new JsonObject()),
            Gen.Const(() => (JsonNode?)TooLong(shape)))));

    /// <summary>One character or item more than the model allows, where that is not megabytes.</summary>
    private static JsonNode? TooLong(Shape shape) => shape switch
    {
        StringShape { Max: < 1_000_000 and var max } => new string('x', max + 1),
        ListShape { Max: < 1_000_000 and var max } => new JsonArray([.. Enumerable.Repeat<JsonNode?>("x", max + 1).Select(item => item!.DeepClone())]),
        _ => new string('x', 2000),
    };

    private static Gen<JsonNode?> Allowed(Shape shape) => shape switch
    {
        StringShape { Values: { } values } => Word([.. values]).Select(word => (JsonNode?)word),
        StringShape { Pattern: "[a-zA-Z0-9_.-]+" } => Word("a", "b", "c-1").Select(id => (JsonNode?)id),
        StringShape { Pattern: "s3://([^/]+)(/.*)?" } => Word("s3://flowers/flowers.csv", "s3://flowers/", "s3://none/x").Select(uri => (JsonNode?)uri),
        StringShape => Gen.OneOf(Word("a", "", "10", "2026-01-01", "{}", "password"), Gen.String[0, 20].Select(Unicode)).Select(text => (JsonNode?)text),
        IntegerShape => Gen.Int[1, 100].Select(number => (JsonNode?)number),
        FloatShape => Gen.Double[0, 1].Select(number => (JsonNode?)number),
        BooleanShape => Gen.Bool.Select(flag => (JsonNode?)flag),
        ListShape list => Value(list.Item).Array[0, 3].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])),
        MapShape map => Gen.Select(Word("water", " light", "sgd.maxPasses", "nonsense"), Value(map.Value)).Array[0, 3]
            .Select(pairs => (JsonNode?)Object(pairs.Select(pair => (pair.Item1, pair.Item2)))),
        StructureShape structure => Structure(structure).Select(node => (JsonNode?)node),
        _ => throw new InvalidOperationException($"No request has a {shape.GetType().Name}."),
    };

    private static Gen<JsonObject> Structure(StructureShape shape) => shape.Members
        .Select(member => Gen.Select(Gen.Int[0, 9], Value(member.Shape), (dice, value) =>
            (member.Name, Value: value, IsThere: member.IsRequired ? dice > 0 : dice > 5)))
        .Aggregate(
            Gen.Const(new List<(string, JsonNode?)>()),
            (all, one) => Gen.Select(all, one, (members, member) => member.IsThere ? [.. members, (member.Name, member.Value)] : members))
        .Select(members => Object([.. members, ("Novelty", new JsonArray(1))]));

    private static Gen<string> Word(params string[] words) => Gen.Int[0, words.Length - 1].Select(index => words[index]);

    private static JsonObject Object(IEnumerable<(string Name, JsonNode? Value)> members)
    {
        var node = new JsonObject();
        foreach (var (name, value) in members)
            node[name] = value?.DeepClone();
        return node;
    }

    private static string Unicode(string text) => new([.. text.Where(c => !char.IsSurrogate(c))]);

    /// <summary>Asserts that an answer is of a shape: no unknown member, the right JSON types, the right words.</summary>
    private static void Fits(Shape shape, JsonElement value, string path)
    {
        switch (shape)
        {
            case StructureShape structure:
                foreach (var property in value.EnumerateObject())
                    Fits(structure.Members.Single(member => member.Name == property.Name).Shape, property.Value, $"{path}.{property.Name}");
                break;
            case ListShape list:
                Assert.All(value.EnumerateArray(), item => Fits(list.Item, item, path));
                break;
            case MapShape map:
                Assert.All(value.EnumerateObject(), pair => Fits(map.Value, pair.Value, path));
                break;
            case TimestampShape:
                Assert.InRange(value.GetDecimal(), 1.7e9m, 1e10m);
                break;
            case FloatShape:
                Assert.True(float.IsFinite(value.GetSingle()), path);
                break;
            default:
                // What the rules for requests read, an answer may say.
                shape.Read(value, path);
                break;
        }
    }
}
