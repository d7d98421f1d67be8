using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <summary>
/// Learners with different learning rates side by side over the same slices of the data. After each slice the ones that lag in
/// held-out loss are dropped; one that does not improve any more stops; the weights with the lowest held-out loss ever seen win.
/// </summary>
/// <remarks>
/// Others may run a second heat against the winner (<see cref="GoOn"/>): who is behind it after <see cref="Fair"/> passes or more is dropped.
/// </remarks>
internal sealed class Race
{
    private sealed class Contender
    {
        public required LearnerState Learner { get; init; }
        public double Loss = double.PositiveInfinity;   // after the latest slice
        public double Best = double.PositiveInfinity;
        public int Stalled;
        public List<double> Course = [];                // after each pass
        public string Note = "";
    }

    private const int MostPasses = 10_000;

    // How many go on after the first slices where every pass is dear; all do where passes are cheap.
    private static readonly int[] Survivors = [3, 2, 2, 1];

    /// <summary>Passes after which a learner of the second heat is compared with the winner of the first: before, all are far from their end.</summary>
    public const int Fair = 2;

    private readonly int _maxPasses;
    private readonly double _tolerance;
    private readonly bool _drops;
    private List<Contender> _racing;
    private List<double> _bestCourse = [];
    private int _slices;

    /// <summary>Starts a race.</summary>
    /// <param name="learners">The learners, at their start.</param>
    /// <param name="maxPasses">Most passes.</param>
    /// <param name="tolerance">A pass that lowers the loss by less than this part of it counts as no improvement.</param>
    /// <param name="drops">Whether laggards are dropped early, and the first pass is cut in two for that.</param>
    public Race(IReadOnlyList<LearnerState> learners, int maxPasses, double tolerance, bool drops)
    {
        _maxPasses = maxPasses;
        _tolerance = tolerance;
        _drops = drops && learners.Count > 1;
        _racing = [.. learners.Select(learner => new Contender { Learner = learner })];
        BestLearner = learners[0];
    }

    /// <summary>Pass of the present slice, from 1.</summary>
    public int Pass { get; private set; } = 1;

    /// <summary>Begin of the present slice.</summary>
    public double From { get; private set; }

    /// <summary>End of the present slice.</summary>
    public double To => _drops && Pass == 1 && From == 0 ? 0.25 : 1;

    /// <summary>The learners that are still in.</summary>
    public IReadOnlyList<LearnerState> Learners => [.. _racing.Select(contender => contender.Learner)];

    /// <summary>Whether it is decided.</summary>
    public bool IsOver => _racing.Count == 0 || Pass > _maxPasses;

    /// <summary>Lowest loss so far.</summary>
    public double BestLoss { get; private set; } = double.PositiveInfinity;

    /// <summary>The learner that reached it.</summary>
    public LearnerState BestLearner { get; private set; }

    /// <summary>The pass in which it did.</summary>
    public int BestPass { get; private set; } = 1;

    /// <summary>Its averaged weights then; null where it was cross-validated.</summary>
    public float[]? BestWeights { get; private set; }

    /// <summary>Whether this is the second heat.</summary>
    public bool IsSecondHeat { get; private set; }

    /// <summary>Losses of the winner of the first heat after each pass, in the second; before, there are none.</summary>
    public IReadOnlyList<double> ToBeat { get; private set; } = [];

    /// <summary>Begins the second heat.</summary>
    /// <param name="learners">The learners, at their start.</param>
    /// <param name="toBeat">Losses of the winner after each pass, where it was cross-validated; by default what was judged here.</param>
    public void GoOn(IReadOnlyList<LearnerState> learners, IReadOnlyList<double>? toBeat = null)
    {
        IsSecondHeat = true;
        ToBeat = toBeat ?? _bestCourse;
        _racing = [.. learners.Select(learner => new Contender { Learner = learner })];
        (_slices, Pass, From) = (0, 1, 0);
    }

    /// <summary>Takes the outcome of a cross-validation, if it is the best so far.</summary>
    /// <returns>Whether it is.</returns>
    public bool Take(LearnerState learner, int pass, double loss)
    {
        if (!(loss < BestLoss))
            return false;
        (BestLearner, BestPass, BestLoss) = (learner, pass, loss);
        return true;
    }

    /// <summary>Takes the losses after a slice, one per learner in their order, and decides who goes on.</summary>
    /// <returns>By learner, what was decided, in words; empty for nothing.</returns>
    public IReadOnlyList<string> Judge(IReadOnlyList<double> losses)
    {
        var judged = _racing;
        var isPassEnd = To == 1;
        for (var i = 0; i < judged.Count; i++)
        {
            if (isPassEnd)
                judged[i].Course.Add(losses[i]);
            Judge(judged[i], losses[i]);
        }

        var stay = judged.Where(contender => contender.Stalled < (_drops ? 1 : 2)).ToList();
        if (_drops)
        {
            var places = Survivors[Math.Min(_slices, Survivors.Length - 1)];
            foreach (var dropped in stay.OrderBy(contender => contender.Loss).Skip(places).ToList())
            {
                dropped.Note = "dropped, others do better";
                stay.Remove(dropped);
            }
        }
        foreach (var behind in stay.Where(contender => isPassEnd && IsBehind(contender.Course.Count, contender.Loss, ToBeat)).ToList())
        {
            behind.Note = "dropped, less regularization does better";
            stay.Remove(behind);
        }
        _racing = stay;
        _slices++;
        From = isPassEnd ? 0 : To;
        Pass += isPassEnd ? 1 : 0;
        return [.. judged.Select(contender => contender.Note)];
    }

    /// <summary>Writes how the race stands.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(_slices);
        writer.Write(Pass);
        writer.Write(From);
        writer.Write(BestLoss);
        WriteName(writer, BestLearner);
        writer.Write(BestPass);
        LinearModel.WriteList(writer, _bestCourse, writer.Write);
        writer.Write(IsSecondHeat);
        LinearModel.WriteList(writer, ToBeat, writer.Write);
        writer.Write(BestWeights is not null);
        if (BestWeights is not null)
            LinearModel.WriteFloats(writer, BestWeights);
        LinearModel.WriteList(writer, _racing, contender =>
        {
            WriteName(writer, contender.Learner);
            writer.Write(contender.Loss);
            writer.Write(contender.Best);
            writer.Write(contender.Stalled);
            LinearModel.WriteList(writer, contender.Course, writer.Write);
            contender.Learner.Save(writer);
        });
    }

    /// <summary>Goes on where another race over the same data stood; this one must not have begun.</summary>
    /// <param name="reader">What <see cref="Save"/> wrote.</param>
    /// <param name="create">Makes a learner at its start by number, learning rate and regularization.</param>
    public void Restore(BinaryReader reader, Func<int, double, Regularization, LearnerState> create)
    {
        var learners = _racing.ToDictionary(contender => contender.Learner.Id, contender => contender.Learner);
        _slices = reader.ReadInt32();
        Pass = reader.ReadInt32();
        From = reader.ReadDouble();
        BestLoss = reader.ReadDouble();
        BestLearner = ReadName();
        BestPass = reader.ReadInt32();
        _bestCourse = LinearModel.ReadList(reader, MostPasses, reader.ReadDouble);
        IsSecondHeat = reader.ReadBoolean();
        ToBeat = LinearModel.ReadList(reader, MostPasses, reader.ReadDouble);
        BestWeights = reader.ReadBoolean() ? LinearModel.ReadFloats(reader, BestLearner.Average.Length) : null;
        _racing = LinearModel.ReadList(reader, byte.MaxValue, () =>
        {
            var contender = new Contender
            {
                Learner = ReadName(),
                Loss = reader.ReadDouble(),
                Best = reader.ReadDouble(),
                Stalled = reader.ReadInt32(),
                Course = LinearModel.ReadList(reader, MostPasses, reader.ReadDouble),
            };
            contender.Learner.Restore(reader);
            return contender;
        });

        LearnerState ReadName()
        {
            var (id, rate, regularization) = (reader.ReadInt32(), reader.ReadDouble(), Regularization.Read(reader));
            return learners.TryGetValue(id, out var known) ? known : learners[id] = create(id, rate, regularization);
        }
    }

    private static void WriteName(BinaryWriter writer, LearnerState learner)
    {
        writer.Write(learner.Id);
        writer.Write(learner.Rate);
        learner.Regularization.Write(writer);
    }

    /// <summary>Whether a loss after so many passes is higher than one of a course to beat was then; a loss that is no number is higher than any.</summary>
    internal static bool IsBehind(int passes, double loss, IReadOnlyList<double> toBeat) =>
        passes >= Fair && passes <= toBeat.Count && !(loss <= toBeat[passes - 1]);

    private void Judge(Contender contender, double loss)
    {
        // Weights that ran away count as the worst there is.
        contender.Loss = double.IsNaN(loss) ? double.PositiveInfinity : loss;
        contender.Note = "";
        if (contender.Loss < BestLoss || BestWeights is null)
        {
            BestLoss = contender.Loss;
            BestLearner = contender.Learner;
            BestPass = Pass;
            _bestCourse = contender.Course;
            BestWeights = [.. contender.Learner.Average];
        }
        var isBetter = contender.Loss < contender.Best * (1 - _tolerance) || double.IsInfinity(contender.Best);
        contender.Best = Math.Min(contender.Best, contender.Loss);
        contender.Stalled = isBetter ? 0 : contender.Stalled + 1;
        if (double.IsInfinity(contender.Loss))
        {
            contender.Stalled = int.MaxValue;
            contender.Note = "stopped, the learning rate is too high";
        }
        else if (!isBetter)
            contender.Note = "no better";
    }
}
