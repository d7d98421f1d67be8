using System.Runtime.CompilerServices;
using MlService.Learning.Records;
using MlService.Learning.Schemas;

namespace MlService.Learning.Features;

/// <summary>
/// Turns records into features by a plan. For one thread; nothing is allocated per record once its buffers have the size that
/// the data needs. Encoders that do not grow may share one vocabulary while nobody adds to it.
/// </summary>
internal sealed class FeatureEncoder
{
    // Up to so many ids a vectorized search through the list beats a hash table.
    private const int LinearIds = 32;
    private const int Unresolved = -2;

    // Tokens of a text that are looked up side by side.
    private const int Batch = 32;

    /// <summary>An output of the plan with the column of the input that it reads, or -1, and the way of its tokens, if it has any.</summary>
    private readonly record struct Output(PlanSlotKind Kind, int Column, int Step, TokenLookup? Lookup);

    private readonly PlanStep[] _steps;
    private readonly PlanSlot[] _slots;
    private readonly int[] _columns;
    private readonly int _columnCount;
    private readonly Output[] _outputs;
    private readonly int[] _lookedUp;           // slots of categories and texts
    private readonly int[] _positions;          // by slot: where the words not yet looked up begin
    private readonly FeatureVocabulary _vocabulary;
    private readonly bool _grow;
    private readonly long _examples;            // that the vocabulary was counted in

    private readonly double[] _numbers;
    private readonly int[] _bins;
    private readonly TokenRange[] _ranges;
    private readonly RecordTokens _tokens = new();
    private readonly DistinctIds _distinct = new();
    private readonly TokenRange[] _factors;
    private readonly int[] _odometer;
    private readonly int[][] _places;         // places or ids: by slot, then by bin (or 0), the last for missing
    private ulong _seen;                        // a bit for each id of the present output, modulo 64
    private bool _distinctIsFilled;
    private int _generation;

    internal FeatureEncoder(FeaturePlan plan, int[] columns, int columnCount, FeatureVocabulary vocabulary, bool grow, long examples)
    {
        // Code that is optimized from its first call takes for constants what is initialized by then.
        RuntimeHelpers.RunClassConstructor(typeof(TokenKey).TypeHandle);
        _steps = plan.Steps;
        _slots = plan.Slots;
        _columns = columns;
        _columnCount = columnCount;
        _vocabulary = vocabulary;
        vocabulary.EnsureIndexed();
        _grow = grow;
        _examples = examples;
        _numbers = new double[_steps.Length];
        _bins = new int[_steps.Length];
        _ranges = new TokenRange[_steps.Length];
        var factors = _steps.Where(step => step.Kind == PlanStepKind.Product).Select(step => step.Sources.Length)
            .DefaultIfEmpty(0).Max();
        _factors = new TokenRange[factors];
        _odometer = new int[factors];
        _outputs = [.. _slots.Select((slot, index) => new Output(
            slot.Kind, slot.Attribute < 0 ? -1 : columns[slot.Attribute], slot.Step,
            DirectFeatures(slot) > 0 ? null : new TokenLookup(index, vocabulary, slot.Kind == PlanSlotKind.Category ? 1 : Batch)))];
        _lookedUp = [.. Enumerable.Range(0, _slots.Length).Where(slot => _slots[slot].Kind is PlanSlotKind.Category or PlanSlotKind.Words)];
        _positions = new int[_slots.Length];
        _places = [.. _slots.Select(slot => new int[DirectFeatures(slot)])];
        ForgetPlaces();
    }

    /// <summary>Encodes one record.</summary>
    /// <param name="record">A field per attribute of the encoder's input schema.</param>
    /// <param name="into">Receives the features, each at most once; cleared first.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Encode(in Record record, FeatureVector into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (record.Count < _columnCount)
            ThrowTooFewFields(record);
        if (_generation != _vocabulary.Generation)
            ForgetPlaces();
        into.Clear();
        _tokens.Clear();
        BeginLookups(record);
        for (var step = 0; step < _steps.Length; step++)
            Run(step, record);
        ContinueLookups();
        for (var slot = 0; slot < _outputs.Length; slot++)
            Emit(slot, record, into);
    }

    private static ReadOnlySpan<byte> Text(in Record record, in Output output) => output.Column < 0 ? default : record[output.Column];

    private static int Readable(in Record record, in Output output) => output.Column < 0 ? 0 : record.Readable(output.Column);

    private ReadOnlySpan<byte> Field(in Record record, int attribute)
    {
        var column = _columns[attribute];
        return column < 0 ? default : record[column];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double NumberOf(in Record record, int column) =>
        column >= 0 && FieldValue.TryParseNumber(record[column], record.Readable(column), out var number) ? number : double.NaN;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run(int index, in Record record)
    {
        var step = _steps[index];
        var sources = step.Sources;
        switch (step.Kind)
        {
            case PlanStepKind.Number:
                _numbers[index] = NumberOf(record, _columns[step.Attribute]);
                break;
            case PlanStepKind.Normalize:
                _numbers[index] = PlanStep.Normalize(_numbers[sources[0]], step.Mean, step.StandardDeviation);
                break;
            case PlanStepKind.Bin:
                _bins[index] = step.BinOf(_numbers[sources[0]]);
                break;
            case PlanStepKind.BinToken:
                var bin = _bins[sources[0]];
                _ranges[index] = bin < 0 ? default : _tokens.Single(_steps[sources[0]].BinTokens[bin]);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Emit(int index, in Record record, FeatureVector into)
    {
        ref readonly var output = ref _outputs[index];
        _distinctIsFilled = false;
        _seen = 0;
        switch (output.Kind)
        {
            case PlanSlotKind.Value:
                var number = _numbers[output.Step];
                if (double.IsNaN(number))
                    EmitDirect(index, 1, into);
                else if (Direct(index, 0) is >= 0 and var id)
                    into.AddNumber(id, (float)Math.Clamp(number, float.MinValue, float.MaxValue));
                break;
            case PlanSlotKind.Binary:
                if (!FieldValue.TryParseBinary(Text(record, output), out var isTrue))
                    EmitDirect(index, 1, into);
                else if (isTrue)
                    EmitDirect(index, 0, into);
                break;
            case PlanSlotKind.Flag:
                if (_numbers[output.Step] == 1)
                    EmitDirect(index, 0, into);
                break;
            case PlanSlotKind.Bin:
                var bin = _bins[output.Step];
                EmitDirect(index, bin < 0 ? _places[index].Length - 1 : bin, into);
                break;
            case PlanSlotKind.Category:
                EmitCategory(output.Lookup!, Text(record, output), into);
                break;
            case PlanSlotKind.Words:
                EmitWords(output.Lookup!, Text(record, output), Readable(record, output), _positions[index], into);
                break;
            case PlanSlotKind.Tokens:
                EmitTokens(output.Lookup!, _ranges[output.Step], into);
                break;
            case PlanSlotKind.WeightedTokens:
                var first = into.Tokens.Length;
                EmitTokens(output.Lookup!, _ranges[output.Step], into);
                var (ids, values) = into.TokensToNumbers(first, float.NaN);
                if (!_grow)
                    Weigh(ids.Span, values.Span);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitDirect(int slot, int feature, FeatureVector into)
    {
        if (Direct(slot, feature) is >= 0 and var id)
            into.AddToken(id);
    }

    /// <summary>The id of a value, a bin or an indicator, or -1: looked up in the vocabulary once and then known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Direct(int slot, int feature)
    {
        var place = _places[slot][feature];
        if (place == Unresolved)
            place = _places[slot][feature] = Resolve(slot, DirectToken(slot, feature));
        return _grow && place >= 0 ? _vocabulary.CountAt(place) : place;
    }

    /// <summary>Hashes categories and the first words of texts: what the steps compute next hides how long memory takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BeginLookups(in Record record)
    {
        foreach (var slot in _lookedUp)
        {
            ref readonly var output = ref _outputs[slot];
            var lookup = output.Lookup!;
            lookup.Clear();
            _positions[slot] = 0;
            if (output.Kind == PlanSlotKind.Category)
                lookup.Add(Text(record, output), Readable(record, output));
            else if (output.Kind == PlanSlotKind.Words)
                AddWords(lookup, Text(record, output), Readable(record, output), ref _positions[slot]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ContinueLookups()
    {
        foreach (var slot in _lookedUp)
            _outputs[slot].Lookup!.Approach();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddWords(TokenLookup lookup, ReadOnlySpan<byte> text, int readable, ref int position)
    {
        while (!lookup.IsFull && TextTokenizer.Next(text, ref position, out var word))
            lookup.Add(word, readable - (position - word.Length), position - word.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitCategory(TokenLookup lookup, ReadOnlySpan<byte> category, FeatureVector into)
    {
        var place = lookup.Place(0, category, _grow);
        if (place >= 0)
            into.AddToken(_grow ? _vocabulary.CountAt(place) : _vocabulary.IdAt(place));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EmitWords(TokenLookup lookup, ReadOnlySpan<byte> text, int readable, int position, FeatureVector into)
    {
        var first = into.Tokens.Length;
        while (true)
        {
            for (var i = 0; i < lookup.Count; i++)
                EmitOnce(lookup.Place(i, text, _grow), first, into);
            if (!lookup.IsFull)
                return;
            lookup.Clear();
            AddWords(lookup, text, readable, ref position);
            lookup.Approach();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EmitTokens(TokenLookup lookup, TokenRange range, FeatureVector into)
    {
        var first = into.Tokens.Length;
        for (int from = range.First, end = range.First + range.Count; from < end; from += lookup.Count)
        {
            lookup.Clear();
            for (var token = from; token < end && !lookup.IsFull; token++)
                lookup.Add(_tokens[token], _tokens.Readable(token));
            lookup.Approach();
            for (var i = 0; i < lookup.Count; i++)
                EmitOnce(lookup.Place(i, _tokens[from + i], _grow), first, into);
        }
    }

    /// <summary>The token at a place, unless it is among the tokens from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitOnce(int place, int first, FeatureVector into)
    {
        if (place < 0)
            return;
        var id = _vocabulary.IdAt(place);
        // A bit that no earlier id has set tells at once that an id is new.
        var bit = 1UL << id;
        var earlier = into.Tokens[first..];
        if (earlier.Length >= LinearIds ? !IsNew(id, earlier) : (_seen & bit) != 0 && earlier.Contains(id))
            return;
        _seen |= bit;
        if (_grow)
            _vocabulary.CountAt(place);
        into.AddToken(id);
    }

    private void Weigh(ReadOnlySpan<int> ids, Span<float> values)
    {
        float squares = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            values[i] = TokenRarity.Of(_vocabulary.Occurrences(ids[i]), _examples);
            squares += values[i] * values[i];
        }
        var length = MathF.Sqrt(squares);
        foreach (ref var value in values)
            value /= length;
    }

    private bool IsNew(int id, ReadOnlySpan<int> ids)
    {
        if (!_distinctIsFilled)
        {
            _distinctIsFilled = true;
            _distinct.Clear();
            foreach (var earlier in ids)
                _distinct.Add(earlier);
        }
        return _distinct.Add(id);
    }

    /// <summary>What is kept of a value, a bin or an indicator: its place where it is to be counted, otherwise its id.</summary>
    private int Resolve(int slot, ReadOnlySpan<byte> token)
    {
        var id = _grow ? _vocabulary.GetOrAdd(slot, token) : _vocabulary.Find(slot, token);
        return _grow ? _vocabulary.PlaceOf(id) : id;
    }

    private int DirectFeatures(PlanSlot slot) => slot.Kind switch
    {
        PlanSlotKind.Value or PlanSlotKind.Binary or PlanSlotKind.Flag => 2,
        PlanSlotKind.Bin => _steps[slot.Step].BinTokens.Length + 1,
        _ => 0,
    };

    private ReadOnlySpan<byte> DirectToken(int slot, int feature) =>
        feature == _places[slot].Length - 1 ? FeaturePlan.Missing
        : _slots[slot].Kind == PlanSlotKind.Bin ? _steps[_slots[slot].Step].BinTokens[feature]
        : default;

    private void ForgetPlaces()
    {
        _generation = _vocabulary.Generation;
        foreach (var places in _places)
            places.AsSpan().Fill(Unresolved);
    }

    private void ThrowTooFewFields(in Record record) => throw new ArgumentException(
        $"The record has {record.Count} fields; the encoder's schema has {_columnCount}.", nameof(record));
}
