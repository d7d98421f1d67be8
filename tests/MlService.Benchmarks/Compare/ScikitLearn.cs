using System.Diagnostics;
using System.Globalization;

namespace MlService.Benchmarks.Compare;

/// <summary>The peer scikit-learn (Debian: python3-sklearn, python3-pandas), a process of its own that does what its pipe tells it.</summary>
internal sealed class ScikitLearn : IDisposable
{
    // Debian's interpreter, which has Debian's packages; another one may come first in the path.
    const string Python = "/usr/bin/python3";

    readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mlservice-benchmark-");
    readonly Process _process;

    public ScikitLearn(BenchmarkRows rows)
    {
        var (train, test) = (InDirectory("train.csv"), InDirectory("test.csv"));
        File.WriteAllBytes(train, rows.Train.Text);
        File.WriteAllBytes(test, rows.Test.Text);
        _process = Start(
            Path.Combine(AppContext.BaseDirectory, "Compare", "scikit_learn.py"),
            rows.Task.ToString().ToLowerInvariant(), train, test, InDirectory("scores.csv"));
    }

    /// <summary>Whether this machine has scikit-learn.</summary>
    public static bool IsInstalled
    {
        get
        {
            if (!File.Exists(Python))
                return false;
            using var probe = Start("-c", "import pandas, sklearn");
            probe.WaitForExit();
            return probe.ExitCode == 0;
        }
    }

    /// <summary>Processor time of its process so far.</summary>
    public TimeSpan Clock()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>CSV to fitted pipeline.</summary>
    public void Train() => Tell("train");

    /// <summary>Scores the rows of the test part.</summary>
    public Quality Score() => new(double.Parse(Tell("score"), CultureInfo.InvariantCulture));

    /// <summary>Scores the rows of the test part into a CSV file: the label and the score.</summary>
    public void Batch() => Tell("batch");

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    string InDirectory(string name) => Path.Combine(_directory.FullName, name);

    string Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() ?? throw new CommandLineException("scikit-learn ended; what it said stands above.");
    }

    static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
}
