using System.Globalization;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;
using MlService.Learning.Training;

namespace MlService.Benchmarks.Judgement;

/// <summary>
/// <c>quality</c>: what the engine reaches on rows that it has not seen, by default and told nothing, beside ML.NET's Sdca and
/// scikit-learn over the same features.
/// </summary>
internal static class QualityCommand
{
    public const string Usage = """
        quality                      how good models are by default, beside ML.NET's Sdca and scikit-learn on the same features
          --data FILE.csv            whose rows; several with commas between. By default generated data of difficult kinds
          --target NAME              what to predict; by default what schema inference suggests
          --schema FILE              what the columns are; by default guessed
          --only TEXT                only the generated kinds that have one of these, with commas between, in their name
          --splits 0                 0: trained on the first 70% of the rows, tested on the others; else on so many random splits
          --peer yes                 no: without ML.NET and scikit-learn
          --parameters a=1,b=2       training parameters; by default none
          --log no                   yes: with the course of each training
          --recipe FILE              what to make of the columns; by default what the engine suggests
        """;

    enum Answer { Yes, No }

    /// <summary>Measures and prints the table.</summary>
    public static int Run(string[] options)
    {
        var line = new CommandLine(options, "--data", "--target", "--schema", "--only", "--splits", "--peer", "--parameters", "--recipe", "--log");
        var splits = line.Number("--splits", 0, 0, 1000);
        var hasPeers = line.Choice("--peer", Answer.Yes) == Answer.Yes;
        var peer = hasPeers ? ScikitLearn.Find() : null;
        var recipe = line.Text("--recipe", "") is { Length: > 0 } path ? Recipe.Parse(File.ReadAllText(path)) : null;
        var parameters = TrainingParameters.Parse(line.Text("--parameters", "").Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[^1]));
        var hasLog = line.Choice("--log", Answer.No) == Answer.Yes;
        if (hasPeers && peer is null)
            Console.WriteLine("(no python3 here has scikit-learn)");
        Console.WriteLine($"{"rows",-30} {"train",8} {"features",9} {"metric",-8} {"engine",9} {"95% interval",19} {"CPU s",6} {"Sdca",9} {"sklearn",9} {"tuned",9}  {"choice",-18}");
        foreach (var rows in Rows(line))
        {
            var runs = (splits == 0 ? [0] : Enumerable.Range(1, splits)).Select(seed => Judge(rows, seed, recipe, parameters, hasLog, hasPeers, peer)).ToList();
            if (splits == 0)
                continue;
            Console.WriteLine(FormattableString.Invariant(
                $"{rows.Name,-30} mean of {runs.Count,3} splits  {runs[0].Metric,-8} {Figure(runs.Average(run => run.Engine.Value)),9} {"",19} {runs.Average(run => run.Engine.Seconds),6:F1} ")
                + FormattableString.Invariant($"{Figure(runs.Average(run => run.Sdca)),9} {Figure(runs.Average(run => run.Sklearn?.Default)),9} {Figure(runs.Average(run => run.Sklearn?.Tuned)),9}"));
            if (peer is not null)
                Console.WriteLine($"{"",30} engine − tuned: {Difference(runs, run => run.Sklearn?.Tuned)}; engine − Sdca: {Difference(runs, run => run.Sdca)}");
        }
        return 0;
    }

    sealed record Outcome(string Metric, Verdict Engine, double Sdca, ScikitLearn.Answer? Sklearn);

    static IEnumerable<JudgedRows> Rows(CommandLine line)
    {
        if (line.Text("--data", "") is { Length: > 0 } paths)
        {
            var schema = line.Text("--schema", "") is { Length: > 0 } file ? SchemaJson.Parse(File.ReadAllText(file)) : null;
            return paths.Split(',').Select(path =>
                new JudgedRows(Path.GetFileNameWithoutExtension(path), File.ReadAllText(path), line.Text("--target", "") is { Length: > 0 } target ? target : null, schema));
        }
        var only = line.Text("--only", "");
        return DifficultData.Kinds
            .Where(kind => only.Split(',').Any(part => kind.Name.Contains(part, StringComparison.OrdinalIgnoreCase)))
            .Select(kind => kind.Generate());
    }

    static Outcome Judge(
        JudgedRows rows, int seed, Recipe? recipe, TrainingParameters parameters, bool hasLog, bool hasPeers, ScikitLearn? peer)
    {
        var (train, test) = rows.Split(seed);
        var engine = new JudgedEngine(rows.Schema, train, test, recipe);
        var verdict = engine.Judge(parameters);
        foreach (var entry in hasLog ? engine.Model!.Log.ToLines() : [])
            Console.WriteLine(entry);
        var encoded = engine.Encode();
        var sdca = hasPeers ? JudgedSdca.Judge(engine.Target.Type, encoded.Train, encoded.Test, encoded.Features) : double.NaN;
        var answer = peer?.Judge(engine.Target.Type, encoded.Train, encoded.Test, encoded.Features);
        var metric = engine.Target.Type switch { ModelType.Binary => "AUC", ModelType.Multiclass => "macro F1", _ => "RMSE" };
        var interval = verdict.Interval is { } ends ? $"{Figure(ends.Low)}…{Figure(ends.High)}" : "";
        Console.WriteLine(FormattableString.Invariant(
            $"{rows.Name,-30} {encoded.Train.Count,8} {encoded.Features,9} {metric,-8} {Figure(verdict.Value),9} {interval,19} {verdict.Seconds,6:F1} {Figure(sdca),9} ")
            + FormattableString.Invariant($"{Figure(answer?.Default),9} {Figure(answer?.Tuned),9}  {answer?.Choice,-18}"));
        return new(metric, verdict, sdca, answer);
    }

    static string Figure(double? value) => value is null or double.NaN ? "–" : value.Value.ToString(value < 100 ? "F4" : "F1", CultureInfo.InvariantCulture);

    // Mean of the paired differences and its standard error.
    static string Difference(List<Outcome> runs, Func<Outcome, double?> other)
    {
        var differences = runs.Where(run => other(run) is { } value && double.IsFinite(value)).Select(run => run.Engine.Value - other(run)!.Value).ToArray();
        if (differences.Length < 2)
            return "unknown";
        var mean = differences.Average();
        var error = Math.Sqrt(differences.Sum(value => (value - mean) * (value - mean)) / (differences.Length - 1) / differences.Length);
        return FormattableString.Invariant($"{mean:+0.0000;-0.0000} ± {error:F4}, higher in {differences.Count(value => value > 0)} of {differences.Length}");
    }
}
