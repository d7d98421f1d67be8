using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MlService.Access;
using MlService.Metadata;
using MlService.Storage;
using MlService.Tests.Storage;

namespace MlService.Tests.Chaos;

/// <summary>
/// The proof that a cluster loses nothing and does nothing twice: three real processes on a real PostgreSQL server and a real S3 server
/// do a mixed load, while processes are killed, frozen and restarted and the servers stop and come back, at seeded random moments.
/// </summary>
/// <remarks>
/// <c>MLSERVICE_CHAOS_KILLS</c> makes the run as long as wanted, <c>MLSERVICE_CHAOS_SEED</c> another one; see docs/operation.md.
/// </remarks>
public sealed partial class ChaosTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Processes = 3;
    private const string KeyId = "chaos-key";

    private readonly string _keySecret = Guid.NewGuid().ToString("N");

    private readonly string _root = Directory.CreateTempSubdirectory("mlservice-chaos-").FullName;
    private readonly PostgreSqlServer _metadata = new();
    private readonly List<Member> _members = [];
    private CephGateway _objects = null!;

    public async ValueTask InitializeAsync() => _objects = await CephGateway.Start();

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
            await member.DisposeAsync();
        if (ChaosPlan.LogDirectory is { } directory)
            for (var index = 0; index < _members.Count; index++)
                await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(directory).FullName, $"{index}.log"), _members[index].Output);
        await _metadata.DisposeAsync();
        if (_objects is not null)
            await _objects.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact, LongProof]
    public async Task EveryJobCompletesOnceWhateverHappensToProcessesAndServers()
    {
        var plan = ChaosPlan.FromEnvironment();
        Tell($"seed {plan.Seed}: {plan.Kills} kills, {plan.Freezes} freezes, {plan.Restarts} restarts, {plan.Outages} outages of each server");
        var jobs = new JobTable(await StartMembers());
        using var client = new PatientClient(_members, $"{KeyId}:{_keySecret}");
        var expected = await Undisturbed(client);
        var endpoint = await Calm(Dataset.Narrow).OpenEndpoint(client);
        var record = new JsonObject { ["record"] = new JsonObject { ["age"] = 44, ["job"] = "j7", ["words"] = "w1 w20 w300" } };
        var prediction = await client.Predict(endpoint, record);

        var log = new FaultLog(Tell);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var rounds = new ConcurrentBag<Round>();
        var users = Enumerable.Range(0, plan.Users).Select(user => Work(client, user, plan, rounds, end.Token)).ToList();
        var probe = client.Probe(endpoint, record, prediction, end.Token);
        var faults = new Faults(plan, _members, _metadata, _objects, jobs, log).Run();
        // Whoever of them fails ends the test: the others would go on for ever.
        await await Task.WhenAny([faults, probe, .. users]);
        await end.CancelAsync();
        await Task.WhenAll([probe, .. users]);

        var rows = await jobs.Read();
        Tell(log.ToTable());
        Tell($"{rows.Count} jobs in {rows.Values.Sum(row => row.Attempt)} attempts, {_members.Sum(member => member.Lives)} processes; answers: {client.Summary}");
        Assert.Empty(log.Lasting());
        Assert.Empty(client.Wrong);
        Assert.All(rounds.SelectMany(round => round.Wanted), key => Assert.Equal((ResourceStatus.Completed, key), (rows[key].Status, key)));
        Assert.All(rounds.Select(round => rows[round.CalledOff]), row =>
            Assert.True(row.Status == ResourceStatus.Completed || row.Message == "Cancelled on request.", row.ToString()));
        CompletedOnce(rows);
        foreach (var kind in rows.CountBy(row => row.Key.Kind))
            Assert.InRange(kind.Value, 1, await jobs.Noted(kind.Key, KeyId));
        foreach (var same in rounds.GroupBy(round => round.Data))
        {
            var seen = expected[same.Key].Select(part => new HashSet<string> { part }).ToList();
            foreach (var round in same)
                foreach (var (part, outcomes) in (await round.Outcome(client)).Zip(seen))
                    outcomes.Add(part);
            Tell($"{same.Key.Name}: {same.Count()} rounds; different outcomes of each part: {string.Join(", ", seen.Select(outcomes => outcomes.Count))}");
            Assert.All(seen, outcomes => Assert.True(outcomes.Count <= same.Key.Outcomes, string.Join('\n', outcomes)));
        }

        await _members[0].Current!.Terminate();
        using var store = new S3ObjectStore(_objects.Options);
        Round[] all = [.. rounds, .. Dataset.All.Select(Calm)];
        Assert.Empty(await new Remains(store, jobs, all).AfterSweep());
    }

    /// <summary>Starts the cluster.</summary>
    /// <returns>The connection string of its metadata.</returns>
    private async Task<string> StartMembers()
    {
        var connection = await _metadata.NewDatabase(isMigrated: false);
        string[] settings =
        [
            $"--ConnectionStrings:Metadata={connection}", "--Cluster:Mode=PostgreSql",
            // Small data, and yet several shards, on several processes where there are more rows, and checkpoints.
            "--Jobs:ShardsPerJob=2", "--Jobs:MinShardBytes=300000", "--Jobs:MinTrainingShardBytes=1000000", "--Jobs:MinProcessBytes=5000000",
            "--Jobs:CheckpointSeconds=0",
            "--Access:Mode=Keys", $"--Access:MasterKey={Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretSeal.MasterKeyBytes))}",
            $"--Access:FirstKey:Id={KeyId}", $"--Access:FirstKey:Secret={_keySecret}",
            .. _objects.Options.ToArguments(),
        ];
        for (var index = 0; index < Processes; index++)
        {
            var directory = Path.Combine(_root, $"{index}");
            var member = new Member(() => ServiceProcess.Start(directory, settings), new Random(index));
            _members.Add(member);
            member.Open();
        }
        while (!_members.All(member => member.IsUp))
            await Task.Delay(50, TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>What the work brings when nothing happens.</summary>
    private static async Task<IReadOnlyDictionary<Dataset, IReadOnlyList<string>>> Undisturbed(PatientClient client)
    {
        foreach (var data in Dataset.All)
            for (var file = 0; file < data.Files.Count; file++)
                await client.Upload($"chaos/{data.Name}/{data.Files[file]}", data.Content(file));
        var expected = new Dictionary<Dataset, IReadOnlyList<string>>();
        await Task.WhenAll(Dataset.All.Select(async data =>
        {
            await Calm(data).Ask(client);
            await Calm(data).Finish(client, TimeSpan.Zero);
        }));
        foreach (var data in Dataset.All)
            expected[data] = await Calm(data).Outcome(client);
        return expected;
    }

    private static Round Calm(Dataset data) => new($"calm-{data.Name}", data);

    /// <summary>Goes on asking for work until the end, which comes after all that was asked for is done.</summary>
    private static async Task Work(PatientClient client, int user, ChaosPlan plan, ConcurrentBag<Round> rounds, CancellationToken end)
    {
        var random = new Random(plan.Seed * plan.Users + user);
        for (var number = 0; !end.IsCancellationRequested; number++)
        {
            var round = new Round($"r-{user}-{number}", (user + number) % 4 == 0 ? Dataset.Wide : Dataset.Narrow);
            rounds.Add(round);
            await round.Ask(client);
            await round.Finish(client, TimeSpan.FromMilliseconds(random.Next(500)));
        }
    }

    /// <summary>No two attempts said that they had completed a job, and none but the one that its row names.</summary>
    private void CompletedOnce(IReadOnlyDictionary<ResourceKey, JobState> rows)
    {
        var lines = _members.SelectMany(member => CompletedLine().Matches(member.Output)).ToList();
        Assert.NotEmpty(lines);
        Assert.Distinct(lines.Select(line => line.Groups[1].Value));
        Assert.All(lines, line => Assert.Equal($"{rows[ResourceKey.Parse(line.Groups[1].Value)].Attempt}", line.Groups[2].Value));
    }

    private void Tell(string text) => output.WriteLine(text);

    [GeneratedRegex(@"Job (\w+/\S+) attempt (\d+) completed")]
    private static partial Regex CompletedLine();
}
