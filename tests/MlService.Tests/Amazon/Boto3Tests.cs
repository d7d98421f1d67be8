using System.Text;
using System.Text.Json.Nodes;
using MlService.Access;
using MlService.Amazon;

namespace MlService.Tests.Amazon;

/// <summary>botocore as the second implementation: of the service model, and of signatures.</summary>
public sealed class Boto3Tests
{
    /// <summary>botocore carries Amazon's own service model: members, types, limits, patterns and words of all operations are the same there.</summary>
    [Fact]
    public async Task TheServiceModelIsThatOfBotocore()
    {
        await ClientScript.RequireBoto3();
        var theirs = JsonNode.Parse(await ClientScript.Run("python3", "service_model.py"))!.AsObject();
        Assert.Equal(28, theirs.Count);
        Assert.Equal(theirs.Select(operation => operation.Key).Order(), Operation.All.Keys.Order());
        foreach (var (name, shapes) in theirs)
        {
            Assert.Equal($"{name}: {shapes!["input"]!.ToJsonString()}", $"{name}: {Describe(Operation.All[name].Input).ToJsonString()}");
            Assert.Equal($"{name}: {shapes["output"]!.ToJsonString()}", $"{name}: {Describe(Operation.All[name].Output).ToJsonString()}");
        }
    }

    /// <summary>botocore is the second implementation of signatures, with odd paths, queries, headers and bodies, in all its forms.</summary>
    [Fact]
    public async Task ARequestThatBotocoreHasSignedIsProvedAndNoOther()
    {
        await ClientScript.RequireBoto3();
        var requests = JsonNode.Parse(await ClientScript.Run("python3", "signatures.py"))!.AsArray();
        Assert.Equal(120, requests.Count);
        foreach (var sent in requests)
        {
            var target = ((string)sent!["target"]!).Split('?', 2);
            var request = new SignedRequest(
                (string)sent["method"]!, target[0], target.Length > 1 ? target[1] : "", name => (string?)sent["headers"]![name]);
            var body = Encoding.UTF8.GetBytes((string)sent["body"]!);
            var signature = PresentedSignature.Read(request);
            signature.Check(DateTime.UtcNow);
            Assert.Equal("any", signature.KeyId);
            Assert.True(signature.IsOf("secret/with+odd=characters", body), sent.ToJsonString());
            Assert.False(signature.IsOf("secret/with+odd=characters", [.. body, 0]));
            Assert.False(signature.IsOf("another", body));
        }
    }

    private static JsonObject Describe(Shape shape)
    {
        var shown = new JsonObject();
        switch (shape)
        {
            case StringShape text:
                shown["type"] = "string";
                if (text.Values is { } values)
                    shown["enum"] = new JsonArray([.. values.Order(StringComparer.Ordinal).Select(value => (JsonNode)value)]);
                if (text.Min > 0)
                    shown["min"] = text.Min;
                if (text.Max < int.MaxValue)
                    shown["max"] = text.Max;
                if (text.Pattern is not null)
                    shown["pattern"] = text.Pattern;
                break;
            case IntegerShape number:
                shown["type"] = "integer";
                if (number.Min > long.MinValue)
                    shown["min"] = number.Min;
                if (number.Max < long.MaxValue)
                    shown["max"] = number.Max;
                break;
            case ListShape list:
                shown["type"] = "list";
                if (list.Max < int.MaxValue)
                    shown["max"] = list.Max;
                shown["item"] = Describe(list.Item);
                break;
            case MapShape map:
                shown["type"] = "map";
                shown["key"] = Describe(map.Key);
                shown["value"] = Describe(map.Value);
                break;
            case StructureShape structure:
                shown["type"] = "structure";
                foreach (var member in structure.Members.OrderBy(member => member.Name, StringComparer.Ordinal))
                    shown[member.Name + (member.IsRequired ? "*" : "")] = Describe(member.Shape);
                break;
            default:
                shown["type"] = shape.GetType().Name.Replace("Shape", "", StringComparison.Ordinal).ToLowerInvariant();
                break;
        }
        return shown;
    }
}
