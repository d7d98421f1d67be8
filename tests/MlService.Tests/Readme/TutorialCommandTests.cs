using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MlService.Tests.Readme;

/// <summary>The service as the README's first command starts it: a process that does the tutorial by itself.</summary>
public sealed partial class TutorialCommandTests : IDisposable
{
    private static readonly string[] Steps =
        ["upload", "schema", "data report", "70/30 split", "training", "evaluation", "threshold", "endpoint", "batch"];

    private readonly string _data = Directory.CreateTempSubdirectory("mlservice-tutorial-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task ItGoesTheWholeWayAndASecondStartFindsEverythingWhereItWas()
    {
        const string Model = "/v1/models/tutorial-model";
        JsonNode trained;
        await using (var first = await ServiceProcess.Start(_data, "--tutorial"))
        {
            var printed = await first.Prints("The service stays up");
            AssertTold(printed);
            AssertIsWhatTheReadmeShows(printed);
            await AssertItsCommandPredicts(printed, first.Client.BaseAddress!);
            trained = await first.Client.Completed(Model);
            Assert.Equal((double)trained["scoreThreshold"]!, Figure(printed, "threshold"), 4);
            await first.Kill();
        }

        await using var second = await ServiceProcess.Start(_data, "--tutorial");
        var again = await second.Prints("The service stays up");
        var found = await second.Client.Completed(Model);
        Assert.Equal((string?)trained["createdAt"], (string?)found["createdAt"]);
        Assert.Equal((string?)trained["finishedAt"], (string?)found["finishedAt"]);
        Assert.Equal((double)trained["scoreThreshold"]!, Figure(again, "threshold"), 4);
        Assert.Single((await second.Client.Get("/v1/models"))["items"]!.AsArray());
    }

    [Fact, LongProof]
    public async Task WhereCallsNeedAKeyItMakesOneForItselfAndRevokesIt()
    {
        var environment = new Dictionary<string, string>
        {
            ["Data__Directory"] = _data,
            ["ASPNETCORE_URLS"] = "http://+:0",
            ["Access__Mode"] = "Keys",
            ["Access__MasterKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["Access__FirstKey__Id"] = "first-key",
            ["Access__FirstKey__Secret"] = "0123456789abcdefghij",
        };
        await using var service = await ServiceProcess.Start(environment, "--tutorial");
        AssertTold(await service.Prints("The service stays up"));
        service.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "first-key:0123456789abcdefghij");
        var keys = (await service.Client.Get("/v1/keys"))["items"]!.AsArray();
        Assert.NotNull(Assert.Single(keys, key => (string?)key!["createdBy"] == "tutorial")!["revokedAt"]);
        var audit = (await service.Client.Get("/v1/audit?who=tutorial"))["items"]!.AsArray();
        Assert.Equal(["keys revoke", "keys create"], audit.Select(entry => (string?)entry!["action"]));
    }

    private static void AssertTold(string printed)
    {
        Assert.Equal(Steps, StepLine().Matches(printed).Select(match => match.Groups[1].Value.TrimEnd()));
        Assert.InRange(Figure(printed, "AUC"), 0.92, 0.96);
        Assert.InRange(Figure(printed, "precision"), 0.8, 1);
        foreach (var figure in (string[])["accuracy", "recall", "threshold"])
            Assert.InRange(Figure(printed, figure), 0, 1);
        Assert.Contains("/swagger", printed, StringComparison.Ordinal);
        Assert.Contains("/v1/models/tutorial-model", printed, StringComparison.Ordinal);
    }

    /// <summary>What follows the seconds is the same on every machine; the learner's figures may move in the last digits.</summary>
    private static void AssertIsWhatTheReadmeShows(string printed)
    {
        var shown = Page.Open("README.md").Blocks("text")[0];
        Assert.Equal(Steps, StepLine().Matches(shown).Select(match => match.Groups[1].Value.TrimEnd()));
        foreach (var step in Steps.TakeWhile(step => step != "training"))
            Assert.Equal(Words(printed, step), Words(shown, step));
        foreach (var figure in (string[])["AUC", "accuracy", "precision", "recall"])
            Assert.Equal(Figure(printed, figure), Figure(shown, figure), 0.02);
    }

    /// <summary>Copies the printed curl command into a shell.</summary>
    private static async Task AssertItsCommandPredicts(string printed, Uri address)
    {
        using var shell = new Shell();
        var answer = JsonNode.Parse(await shell.Run(CurlCommand().Match(printed).Value, address))!;
        var label = (string?)answer["predictedLabel"];
        Assert.InRange((double)answer["predictedScores"]![label!]!, 0, 1);
    }

    private static double Figure(string printed, string name) => double.Parse(
        Regex.Match(printed, $@"^  {name} +([0-9.]+)(?: {{5}}|$)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);

    private static string Words(string printed, string step) =>
        Regex.Match(printed, $@"^  {step} +[0-9.]+ s   (.*)$", RegexOptions.Multiline).Groups[1].Value.TrimEnd();

    [GeneratedRegex(@"^  (\S.{0,11}?) +[0-9.]+ s   ", RegexOptions.Multiline)]
    private static partial Regex StepLine();

    [GeneratedRegex(@"^  curl .*\n.*", RegexOptions.Multiline)]
    private static partial Regex CurlCommand();
}
