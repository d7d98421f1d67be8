using System.Runtime.CompilerServices;
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
    private const int Unresolved = -2;

    // Tokens of a text that are looked up side by side.
    private const int Batch = 32;

    /// <summary>
    /// An output of the plan with the column of the input that it reads, or -1, and where its tokens begin among those that are looked up.
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
    private readonly TSpace _space;
    private readonly DistinctIds _distinct = new();
    private readonly int[][] _places;           // by slot, then by bin (or 0), the last for missing
    private ulong _seen;                        // a bit for each id of the present output, modulo 64
    private bool _distinctIsFilled;
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
        var begun = 0;
        for (var index = 0; index < _outputs.Length; index++)
        {
            var slot = plan.Slots[index];
            _outputs[index] = new(slot.Kind, slot.Attribute < 0 ? -1 : columns[slot.Attribute], slot.Step, begun);
            begun += DirectFeatures(slot) > 0 ? 0 : slot.Kind == PlanSlotKind.Category ? 1 : Batch;
        }
        _begun = new TToken[begun];
        _lookedUp = [.. Enumerable.Range(0, _outputs.Length).Where(slot => _outputs[slot].Kind is PlanSlotKind.Category or PlanSlotKind.Words)];
        _counts = [.. _outputs.Select(output => output.Kind == PlanSlotKind.Category ? 1 : 0)];
        _positions = new int[_outputs.Length];
        _places = [.. plan.Slots.Select(slot => new int[DirectFeatures(slot)])];
        ForgetPlaces();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Encode(in Record record, FeatureVector into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (record.Count < _columnCount)
            ThrowTooFewFields(record);
        if (_generation != _space.Generation)
            ForgetPlaces();
        into.Clear();
        BeginLookups(record);
        _steps.Run(record);
        if (TSpace.HasApproach)
            foreach (var slot in _lookedUp)
                Approach(_outputs[slot].First, _counts[slot]);
        for (var slot = 0; slot < _outputs.Length; slot++)
            Emit(slot, record, into);
    }

    private static ReadOnlySpan<byte> Text(in Record record, in Output output) => output.Column < 0 ? default : record[output.Column];

    private static int Readable(in Record record, in Output output) => output.Column < 0 ? 0 : record.Readable(output.Column);

    /// <summary>Begins with categories and the first words of texts: what the steps compute next hides how long memory takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BeginLookups(in Record record)
    {
        foreach (var slot in _lookedUp)
        {
            ref readonly var output = ref _outputs[slot];
            if (output.Kind == PlanSlotKind.Category)
                _space.Begin(slot, Text(record, output), Readable(record, output), 0, ref _begun[output.First]);
            else
            {
                _positions[slot] = 0;
                BeginWords(slot, Text(record, output), Readable(record, output));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BeginWords(int slot, ReadOnlySpan<byte> text, int readable)
    {
        var begun = _begun.AsSpan(_outputs[slot].First, Batch);
        ref var position = ref _positions[slot];
        var count = 0;
        while (count < begun.Length && TextTokenizer.Next(text, ref position, out var word))
        {
            var start = position - word.Length;
            _space.Begin(slot, word, readable - start, start, ref begun[count++]);
        }
        _counts[slot] = count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Approach(int first, int count)
    {
        if (TSpace.HasApproach)
            foreach (ref readonly var token in _begun.AsSpan(first, count))
                _space.Approach(token);
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
                var number = _steps.Number(output.Step);
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
                if (_steps.Number(output.Step) == 1)
                    EmitDirect(index, 0, into);
                break;
            case PlanSlotKind.Bin:
                var bin = _steps.Bin(output.Step);
                EmitDirect(index, bin < 0 ? _places[index].Length - 1 : bin, into);
                break;
            case PlanSlotKind.Category:
                var place = _space.Place(in _begun[output.First], Text(record, output));
                if (place >= 0)
                    into.AddToken(_space.Take(place));
                break;
            case PlanSlotKind.Words:
                EmitWords(index, Text(record, output), Readable(record, output), into);
                break;
            case PlanSlotKind.Tokens:
                EmitTokens(index, into);
                break;
            case PlanSlotKind.WeightedTokens:
                var first = into.Tokens.Length;
                EmitTokens(index, into);
                var (ids, values) = into.TokensToNumbers(first, float.NaN);
                _space.Weigh(ids.Span, values.Span);
                break;
        }
    }

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
        var place = _places[slot][feature];
        if (place == Unresolved)
            place = _places[slot][feature] = _space.PlaceOf(slot, DirectToken(slot, feature));
        return place >= 0 ? _space.Take(place) : place;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EmitWords(int slot, ReadOnlySpan<byte> text, int readable, FeatureVector into)
    {
        var first = into.Tokens.Length;
        var tokens = _outputs[slot].First;
        while (true)
        {
            var count = _counts[slot];
            for (var i = 0; i < count; i++)
                EmitOnce(_space.Place(in _begun[tokens + i], text), first, into);
            if (count < Batch)
                return;
            BeginWords(slot, text, readable);
            Approach(tokens, _counts[slot]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EmitTokens(int slot, FeatureVector into)
    {
        var (tokens, range) = (_steps.Tokens, _steps.Range(_outputs[slot].Step));
        var begun = _begun.AsSpan(_outputs[slot].First, Batch);
        var first = into.Tokens.Length;
        for (int from = range.First, end = range.First + range.Count; from < end; from += Batch)
        {
            var count = Math.Min(Batch, end - from);
            for (var i = 0; i < count; i++)
                _space.Begin(slot, tokens[from + i], tokens.Readable(from + i), 0, ref begun[i]);
            Approach(_outputs[slot].First, count);
            for (var i = 0; i < count; i++)
                EmitOnce(_space.Place(in begun[i], tokens[from + i]), first, into);
        }
    }

    /// <summary>The token at a place, unless it is among the tokens from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EmitOnce(int place, int first, FeatureVector into)
    {
        if (place < 0)
            return;
        var id = _space.IdAt(place);
        // A bit that no earlier id has set tells at once that an id is new.
        var bit = 1UL << id;
        var earlier = into.Tokens[first..];
        if (earlier.Length >= LinearIds ? !IsNew(id, earlier) : (_seen & bit) != 0 && earlier.Contains(id))
            return;
        _seen |= bit;
        into.AddToken(_space.Take(place));
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

    /// <summary>How many features a slot has that are known by their place in it; 0 where tokens are looked up.</summary>
    private int DirectFeatures(PlanSlot slot) => slot.Kind switch
    {
        PlanSlotKind.Value or PlanSlotKind.Binary or PlanSlotKind.Flag => 2,
        PlanSlotKind.Bin => _plan.Steps[slot.Step].BinTokens.Length + 1,
        _ => 0,
    };

    private ReadOnlySpan<byte> DirectToken(int slot, int feature) =>
        feature == _places[slot].Length - 1 ? FeaturePlan.Missing
        : _plan.Slots[slot].Kind == PlanSlotKind.Bin ? _plan.Steps[_plan.Slots[slot].Step].BinTokens[feature]
        : default;

    private void ForgetPlaces()
    {
        _generation = _space.Generation;
        foreach (var places in _places)
            places.AsSpan().Fill(Unresolved);
    }

    private void ThrowTooFewFields(in Record record) => throw new ArgumentException(
        $"The record has {record.Count} fields; the encoder's schema has {_columnCount}.", nameof(record));
}
