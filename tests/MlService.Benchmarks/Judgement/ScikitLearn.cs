using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MlService.Learning.Models;

namespace MlService.Benchmarks.Judgement;

/// <summary>Scikit-learn's linear models, where a Python that has it is installed, over the features that the engine's recipe makes.</summary>
internal sealed class ScikitLearn
{
    readonly string _python;

    ScikitLearn(string python) => _python = python;

    /// <summary>What it reaches.</summary>
    /// <param name="Tuned">With penalty and strength chosen by cross-validation.</param>
    /// <param name="Choice">Which they are.</param>
    /// <param name="Default">With default settings.</param>
    public sealed record Answer(double Tuned, string Choice, double Default);

    /// <summary>Finds it; null where it is not installed.</summary>
    public static ScikitLearn? Find() =>
        ((string[])["python3", "/usr/bin/python3"]).Where(python => Run(python, ["-c", "import sklearn"]) is not null)
            .Select(python => new ScikitLearn(python)).FirstOrDefault();

    /// <summary>Trains, and scores the rows to test on; null where it fails.</summary>
    public Answer? Judge(ModelType type, IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> test, int features)
    {
        var (trainPath, testPath) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            Write(trainPath, train);
            Write(testPath, test);
            var script = Path.Combine(AppContext.BaseDirectory, "Judgement", "scikit_learn.py");
            return Run(_python, [script, type.ToString(), features.ToString(CultureInfo.InvariantCulture), trainPath, testPath]) is { } line
                ? JsonSerializer.Deserialize<Answer>(line, JsonSerializerOptions.Web)
                : null;
        }
        finally
        {
            File.Delete(trainPath);
            File.Delete(testPath);
        }
    }

    static void Write(string path, IReadOnlyList<EncodedRow> rows)
    {
        using var file = new StreamWriter(path);
        foreach (var row in rows)
        {
            file.Write(row.Label.ToString("R", CultureInfo.InvariantCulture));
            for (var i = 0; i < row.Ids.Length; i++)
                file.Write(string.Create(CultureInfo.InvariantCulture, $" {row.Ids[i]}:{row.Values[i]:R}"));
            file.Write('\n');
        }
    }

    static string? Run(string python, IEnumerable<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.ErrorDataReceived += (_, line) => Debug.WriteLine(line.Data);
            process.BeginErrorReadLine();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;    // there is no such program
        }
    }
}
