using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MlService.Learning.Records;
using MlService.Learning.Schemas;

namespace MlService.Learning.Features;

/// <summary>Encodes what fields and steps hold, slot by slot, as features of one kind of space.</summary>
/// <typeparam name="TSpace">Where features have their ids.</typeparam>
/// <typeparam name="TToken">A token on its way there.</typeparam>
internal sealed class SlotEncoder<TSpace, TToken> : FeatureEncoder
    where TSpace : struct, IFeatureSpace<TToken>
    where TToken : struct
{
    // Up to so many ids a vectorized search through the list beats a hash table.
    private const int LinearIds = 32;

    // Tokens of a text that are looked up side by side.
    private const int Batch = 32;

    /// <summary>
    /// An output of the plan with the column of the input that it reads, or -1, and where its tokens begin among those that are looked up, or
    /// its places among those that are known.
    /// </summary>
    private readonly record struct Output(PlanSlotKind Kind, int Column, int Step, int First);

    private readonly FeaturePlan _plan;
    private readonly int _columnCount;
    private readonly RecordSteps _steps;
    private readonly Output[] _outputs;
    private readonly int[] _lookedUp;           // slots of categories and texts
    private readonly TToken[] _begun;           // tokens on their way
    private readonly int[] _counts;             // by slot: how many; always one of a category
    private readonly int[] _positions;          // by slot: where the words not yet looked up begin
    private readonly int[] _places;             // of values, of bins, and behind those of a slot of what is missing
    private readonly FieldRange[] _words = new FieldRange[Batch];
    private readonly TSpace _space;
    private readonly DistinctIds _distinct = new();
    private bool _distinctIsFilled;
    private byte[] _padded = [];
    private int _generation;

    /// <summary>Creates an encoder.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="columns">By attribute of the plan's schema: its column in the records, or -1.</param>
    /// <param name="columnCount">Number of columns.</param>
    /// <param name="space">Where features have their ids.</param>
    public SlotEncoder(FeaturePlan plan, int[] columns, int columnCount, TSpace space)
    {
        // Code that is optimized from its first call takes for constants what is initialized by then.
        RuntimeHelpers.RunClassConstructor(typeof(TokenKey).TypeHandle);
        _plan = plan;
        _columnCount = columnCount;
        _space = space;
        _steps = new RecordSteps(plan.Steps, columns);
        _outputs = new Output[plan.SlotCount];
        var (begun, places) = (0, 0);
        for (var index = 0; index < _outputs.Length; index++)
        {
            var slot = plan.Slots[index];
            var known = DirectFeatures(slot);
            _outputs[index] = new(slot.Kind, slot.Attribute < 0 ? -1 : columns[slot.Attribute], slot.Step, known > 0 ? places : begun);
            places += known;
            begun += known > 0 ? 0 : slot.Kind == PlanSlotKind.Category ? 1 : Batch;
        }
        _begun = new TToken[begun];
        _places = new int[places];
        _lookedUp = [.. Enumerable.Range(0, _outputs.Length).Where(slot => _outputs[slot].Kind is PlanSlotKind.Category or PlanSlotKind.Words)];
        _counts = [.. _outputs.Select(output => output.Kind == PlanSlotKind.Category ? 1 : 0)];
        _positions = new int[_outputs.Length];
        ForgetPlaces();
    }

    /// <inheritdoc/>
    public override void Encode(in Record record, FeatureVector into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (record.Count < _columnCount)
            ThrowTooFewFields(record);
        if (_generation != _space.Generation)
            ForgetPlaces();
        var padded = record.ToPadded(ref _padded);
        BeginLookups(padded);
        _steps.Run(padded);
        if (TSpace.HasApproach)
            foreach (var slot in _lookedUp)
                Approach(_outputs[slot].First, _counts[slot]);
        Emit(padded, into);
    }

    // Padded as all are.
    private static ReadOnlySpan<byte> NoText => "                                                                "u8[..0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<byte> Text(in Record record, int column) => column < 0 ? NoText : record[column];

    /// <summary>Begins with categories and the first words of texts: what the steps compute next hides how long memory takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BeginLookups(in Record record)
    {
        foreach (var slot in _lookedUp)
        {
            ref readonly var output = ref _outputs[slot];
            if (output.Kind == PlanSlotKind.Category)
                _space.Begin(slot, Text(record, output.Column), 0, ref _begun[output.First]);
            else
            {
                _positions[slot] = 0;
                BeginWords(slot, Text(record, output.Column));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BeginWords(int slot, ReadOnlySpan<byte> text)
    {
        var count = TextTokenizer.Split(text, ref _positions[slot], _words);
        _counts[slot] = count;
        ref var first = ref MemoryMarshal.GetReference(text);
        var begun = _begun.AsSpan(_outputs[slot].First, count);
        var words = _words.AsSpan(0, count);
        for (var i = 0; i < begun.Length && i < words.Length; i++)
            _space.Begin(slot, MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref first, words[i].Start), words[i].Length), words[i].Start, ref begun[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Approach(int first, int count)
    {
        if (TSpace.HasApproach)
            foreach (ref readonly var token in _begun.AsSpan(first, count))
                _space.Approach(token);
    }

    // One loop for the kinds that are frequent, without spans: a frame with many of those would be cleared for every output.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Emit(in Record record, FeatureVector into)
    {
        into.Clear();
        var outputs = _outputs;
        for (var slot = 0; slot < outputs.Length; slot++)
        {
            ref readonly var output = ref outputs[slot];
            switch (output.Kind)
            {
                case PlanSlotKind.Value:
                    var number = _steps.Number(output.Step);
                    if (double.IsNaN(number))
                        EmitDirect(slot, 1, into);
                    else if (Direct(slot, 0) is >= 0 and var id)
                        into.AddNumber(id, Finite((float)number));
                    break;
                case PlanSlotKind.Bin:
                    var bin = _steps.Bin(output.Step);
                    EmitDirect(slot, bin < 0 ? MissingBin(output) : bin, into);
                    break;
                case PlanSlotKind.Category:
                    var place = _space.Place(in _begun[output.First]);
                    if (place == FeaturePlace.NotYetKnown)
                        place = FindPlace(output.First, record, output.Column);
                    if (place >= 0)
                        into.AddToken(_space.Take(place));
                    break;
                default:
                    EmitRarer(slot, record, into);
                    break;
            }
        }
    }

    private void EmitRarer(int slot, in Record record, FeatureVector into)
    {
        ref readonly var output = ref _outputs[slot];
        switch (output.Kind)
        {
            case PlanSlotKind.Binary:
                if (!FieldValue.TryParseBinary(Text(record, output.Column), out var isTrue))
                    EmitDirect(slot, 1, into);
                else if (isTrue)
                    EmitDirect(slot, 0, into);
                break;
            case PlanSlotKind.Flag:
                if (_steps.Number(output.Step) == 1)
                    EmitDirect(slot, 0, into);
                break;
            case PlanSlotKind.Words:
                EmitWords(slot, Text(record, output.Column), into);
                break;
            case PlanSlotKind.Tokens:
                EmitTokens(slot, into);
                break;
            case PlanSlotKind.WeightedTokens:
                var first = into.Tokens.Length;
                EmitTokens(slot, into);
                var (ids, values) = into.TokensToNumbers(first, float.NaN);
                _space.Weigh(ids.Span, values.Span);
                break;
        }
    }

    private static float Finite(float value) => float.IsInfinity(value) ? MathF.CopySign(float.MaxValue, value) : value;

    private int MissingBin(in Output output) => _plan.Steps[output.Step].Bins;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int FindPlace(int token, in Record record, int column) => _space.FindPlace(_begun[token], Text(record, column));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitDirect(int slot, int feature, FeatureVector into)
    {
        if (Direct(slot, feature) is >= 0 and var id)
            into.AddToken(id);
    }

    /// <summary>The id of a value, a bin or an indicator, or -1: its place is looked up once and then known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Direct(int slot, int feature)
    {
        var place = _places[_outputs[slot].First + feature];
        if (place == FeaturePlace.NotYetKnown)
            place = LookUpDirect(slot, feature);
        return place >= 0 ? _space.Take(place) : place;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int LookUpDirect(int slot, int feature) => _places[_outputs[slot].First + feature] = _space.PlaceOf(slot, DirectToken(slot, feature));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EmitWords(int slot, ReadOnlySpan<byte> text, FeatureVector into)
    {
        var first = into.Tokens.Length;
        var tokens = _outputs[slot].First;
        var seen = 0UL;
        _distinctIsFilled = false;
        while (true)
        {
            var count = _counts[slot];
            for (var i = tokens; i < tokens + count; i++)
            {
                var place = _space.Place(in _begun[i]);
                if (place == FeaturePlace.NotYetKnown)
                    place = _space.FindPlace(in _begun[i], text);
                EmitOnce(place, first, ref seen, into);
            }
            if (count < Batch)
                return;
            BeginWords(slot, text);
            Approach(tokens, _counts[slot]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EmitTokens(int slot, FeatureVector into)
    {
        var (tokens, range) = (_steps.Tokens, _steps.Range(_outputs[slot].Step));
        var begun = _begun.AsSpan(_outputs[slot].First, Batch);
        var first = into.Tokens.Length;
        var seen = 0UL;
        _distinctIsFilled = false;
        for (int from = range.First, end = range.First + range.Count; from < end; from += Batch)
        {
            var count = Math.Min(Batch, end - from);
            for (var i = 0; i < count; i++)
                _space.Begin(slot, tokens[from + i], 0, ref begun[i]);
            Approach(_outputs[slot].First, count);
            for (var i = 0; i < count; i++)
            {
                var place = _space.Place(in begun[i]);
                if (place == FeaturePlace.NotYetKnown)
                    place = _space.FindPlace(in begun[i], tokens[from + i]);
                EmitOnce(place, first, ref seen, into);
            }
        }
    }

    /// <summary>The token at a place, unless it is among the tokens from <paramref name="first"/> on.</summary>
    /// <param name="place">The place.</param>
    /// <param name="first">The first token of the output.</param>
    /// <param name="seen">A bit for each id of the output, by its hash: one that no earlier id has set tells at once that an id is new.</param>
    /// <param name="into">Receives the token.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitOnce(int place, int first, ref ulong seen, FeatureVector into)
    {
        if (place < 0)
            return;
        var id = _space.IdAt(place);
        // Fibonacci hashing, as in DistinctIds.
        var bit = 1UL << (int)((uint)id * 0x9E37_79B1u >> 26);
        if (((seen & bit) != 0 || into.Tokens.Length - first >= LinearIds) && !IsNew(id, into.Tokens[first..]))
            return;
        seen |= bit;
        into.AddToken(_space.Take(place));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsNew(int id, ReadOnlySpan<int> ids)
    {
        if (ids.Length < LinearIds)
            return !ids.Contains(id);
        if (!_distinctIsFilled)
        {
            _distinctIsFilled = true;
            _distinct.Clear();
            foreach (var earlier in ids)
                _distinct.Add(earlier);
        }
        return _distinct.Add(id);
    }

    /// <summary>How many features a slot has that are known by their place in it; 0 where tokens are looked up.</summary>
    private int DirectFeatures(PlanSlot slot) => slot.Kind switch
    {
        PlanSlotKind.Value or PlanSlotKind.Binary or PlanSlotKind.Flag => 2,
        PlanSlotKind.Bin => _plan.Steps[slot.Step].Bins + 1,
        _ => 0,
    };

    private ReadOnlySpan<byte> DirectToken(int slot, int feature) =>
        feature == DirectFeatures(_plan.Slots[slot]) - 1 ? FeaturePlan.Missing
        : _plan.Slots[slot].Kind == PlanSlotKind.Bin ? _plan.Steps[_plan.Slots[slot].Step].BinToken(feature)
        : default;

    private void ForgetPlaces()
    {
        _generation = _space.Generation;
        _places.AsSpan().Fill(FeaturePlace.NotYetKnown);
    }

    private void ThrowTooFewFields(in Record record) => throw new ArgumentException(
        $"The record has {record.Count} fields; the encoder's schema has {_columnCount}.", nameof(record));
}
