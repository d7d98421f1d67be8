using System.Diagnostics;

namespace MlService.Benchmarks.Compare;

/// <summary>One piece of work that is measured again and again.</summary>
/// <param name="name">What the table calls it.</param>
/// <param name="rows">Rows that the work reads.</param>
/// <param name="work">The work; a <see cref="Quality"/> that it returns is shown.</param>
internal sealed class Contender(string name, int rows, Func<object?> work)
{
    /// <summary>Work that has no quality.</summary>
    public Contender(string name, int rows, Action work) : this(name, rows, () => { work(); return null; }) { }

    public string Name => name;

    public int Rows => rows;

    /// <summary>Whether the others are told in units of this one.</summary>
    public bool IsFloor { get; init; }

    /// <summary>Processor time so far of the process that works, its compiler and collector included.</summary>
    public Func<TimeSpan> Clock { get; init; } = () => Environment.CpuUsage.TotalTime;

    /// <summary>Processor seconds.</summary>
    public Seconds Cpu { get; } = new();

    /// <summary>Seconds on the clock.</summary>
    public Seconds Wall { get; } = new();

    /// <summary>The quality of the last time, or nothing.</summary>
    public string Answer { get; private set; } = "";

    /// <summary>Works once; the first time counts apart.</summary>
    public void Measure()
    {
        GC.Collect();
        var cpu = Clock();
        var watch = Stopwatch.StartNew();
        var answer = work();
        Wall.Add(watch.Elapsed);
        Cpu.Add(Clock() - cpu);
        Answer = answer is Quality quality ? quality.ToString() : "";
    }

    /// <summary>Times; the first, which met cold code, stands apart.</summary>
    internal sealed class Seconds
    {
        readonly List<double> _values = [];

        public double First { get; private set; } = double.NaN;

        public double Median => Middle(_values);

        public double Least => _values.Min();

        /// <summary>These by others, round by round: both met the machine in the same state.</summary>
        public double MedianOfRatios(Seconds other) => Middle(_values.Zip(other._values, (mine, theirs) => mine / theirs));

        public void Add(TimeSpan time)
        {
            if (double.IsNaN(First))
                First = time.TotalSeconds;
            else
                _values.Add(time.TotalSeconds);
        }

        static double Middle(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
    }
}
