using System.Runtime.CompilerServices;
using MlService.Learning.Records;
using MlService.Learning.Schemas;

namespace MlService.Learning.Features;

/// <summary>
/// What the steps of a plan make of a record: numbers, bins and tokens. For one thread; nothing is allocated per record once its buffers have
/// the size that the data needs.
/// </summary>
internal sealed class RecordSteps
{
    private readonly PlanStep[] _steps;
    private readonly int[] _numberColumns;     // by step: the column of a number; below 0 for a step of another kind
    private readonly int[] _columns;
    private readonly double[] _numbers;
    private readonly int[] _bins;
    private readonly TokenRange[] _ranges;
    private readonly byte[][][] _binTokens;     // by step, of those that take them
    private readonly RecordTokens _tokens = new();
    private readonly TokenRange[] _factors;
    private readonly int[] _odometer;

    /// <summary>Creates working space for the steps of a plan.</summary>
    /// <param name="steps">The steps, each behind those that it reads.</param>
    /// <param name="columns">By attribute: its column in the records, or -1.</param>
    public RecordSteps(PlanStep[] steps, int[] columns)
    {
        _steps = steps;
        _columns = columns;
        _numberColumns = [.. steps.Select(step => step.Kind == PlanStepKind.Number ? columns[step.Attribute] : -1)];
        _numbers = new double[steps.Length];
        _bins = new int[steps.Length];
        _ranges = new TokenRange[steps.Length];
        _binTokens = [.. steps.Select(step => step.Kind == PlanStepKind.BinToken ? steps[step.Sources[0]].BinTokens.ToArray() : [])];
        var factors = steps.Where(step => step.Kind == PlanStepKind.Product).Select(step => step.Sources.Length).DefaultIfEmpty(0).Max();
        _factors = new TokenRange[factors];
        _odometer = new int[factors];
    }

    /// <summary>The tokens that all steps made.</summary>
    public RecordTokens Tokens => _tokens;

    /// <summary>The number that a step made; NaN for missing.</summary>
    public double Number(int step) => _numbers[step];

    /// <summary>The bin that a step made; below 0 for missing.</summary>
    public int Bin(int step) => _bins[step];

    /// <summary>Which of <see cref="Tokens"/> a step made.</summary>
    public TokenRange Range(int step) => _ranges[step];

    /// <summary>Runs all steps on a padded record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in Record record)
    {
        _tokens.Clear();
        var columns = _numberColumns;
        for (var step = 0; step < columns.Length; step++)
            if (columns[step] >= 0)
                _numbers[step] = FieldValue.ParsePadded(record[columns[step]]);
            else
                Run(step, record);
    }

    private ReadOnlySpan<byte> Field(in Record record, int attribute)
    {
        var column = _columns[attribute];
        return column < 0 ? default : record[column];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run(int index, in Record record)
    {
        var step = _steps[index];
        var sources = step.Sources;
        switch (step.Kind)
        {
            case PlanStepKind.Number: // of a column that the records do not have
                _numbers[index] = double.NaN;
                break;
            case PlanStepKind.Normalize:
                _numbers[index] = PlanStep.Normalize(_numbers[sources[0]], step.Mean, step.StandardDeviation);
                break;
            case PlanStepKind.Bin:
                _bins[index] = step.BinOf(_numbers[sources[0]]);
                break;
            case PlanStepKind.BinToken:
                var bin = _bins[sources[0]];
                _ranges[index] = bin < 0 ? default : _tokens.Single(_binTokens[index][bin]);
                break;
            case PlanStepKind.BinaryToken:
                _ranges[index] = FieldValue.TryParseBinary(Field(record, step.Attribute), out var isTrue)
                    ? _tokens.Single(isTrue ? "1"u8 : "0"u8)
                    : default;
                break;
            case PlanStepKind.CategoryToken:
                var category = Field(record, step.Attribute);
                _ranges[index] = category.IsEmpty ? default : _tokens.Single(category);
                break;
            case PlanStepKind.Words:
                _ranges[index] = _tokens.Split(Field(record, step.Attribute));
                break;
            case PlanStepKind.Copy:
                _ranges[index] = _tokens.Copy(_ranges[sources[0]]);
                break;
            case PlanStepKind.Lowercase:
                _ranges[index] = _tokens.Lowercase(_ranges[sources[0]]);
                break;
            case PlanStepKind.NoPunct:
                _ranges[index] = _tokens.NoPunct(_ranges[sources[0]]);
                break;
            case PlanStepKind.Ngram:
                _ranges[index] = _tokens.Ngram(_ranges[sources[0]], step.N);
                break;
            case PlanStepKind.Osb:
                _ranges[index] = _tokens.Osb(_ranges[sources[0]], step.N);
                break;
            case PlanStepKind.Product:
                for (var i = 0; i < sources.Length; i++)
                    _factors[i] = _ranges[sources[i]];
                _ranges[index] = _tokens.Product(_factors.AsSpan(0, sources.Length), _odometer.AsSpan(0, sources.Length));
                break;
            default:
                RunRarer(index, step, record);
                break;
        }
    }

    private void RunRarer(int index, PlanStep step, in Record record)
    {
        var sources = step.Sources;
        switch (step.Kind)
        {
            case PlanStepKind.Constant:
                _numbers[index] = step.Constant;
                break;
            case PlanStepKind.Compute:
                _numbers[index] = Arithmetic.Compute(step.Function, _numbers[sources[0]],
                    sources.Length > 1 ? _numbers[sources[1]] : 0, sources.Length > 2 ? _numbers[sources[2]] : 0);
                break;
            case PlanStepKind.IsMissing:
                _numbers[index] = double.IsNaN(_numbers[sources[0]]) ? 1 : 0;
                break;
            case PlanStepKind.HasNoToken:
                _numbers[index] = _ranges[sources[0]].Count == 0 ? 1 : 0;
                break;
            case PlanStepKind.FlagToken:
                _ranges[index] = _tokens.Single(_numbers[sources[0]] == 1 ? "1"u8 : "0"u8);
                break;
            case PlanStepKind.LetterRuns:
                _ranges[index] = _tokens.LetterRuns(_ranges[sources[0]]);
                break;
            case PlanStepKind.Hash:
                _ranges[index] = _tokens.Hash(_ranges[sources[0]], step.N);
                break;
            default:
                RunDate(index, step, Field(record, step.Attribute));
                break;
        }
    }

    private void RunDate(int index, PlanStep step, ReadOnlySpan<byte> field)
    {
        var isDate = WrittenDate.TryParse(field, out var date);
        if (step.Kind == PlanStepKind.DatePart)
        {
            var token = isDate ? date.Token(step.Function, stackalloc byte[4]) : default;
            _ranges[index] = token.IsEmpty ? default : _tokens.Single(token);
            return;
        }
        _numbers[index] = !isDate ? double.NaN : step.Kind switch
        {
            PlanStepKind.Sin => Math.Sin(date.Turn(step.Function) * Math.Tau),
            PlanStepKind.Cos => Math.Cos(date.Turn(step.Function) * Math.Tau),
            _ => date.Days,
        };
    }
}
