using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MlService.Benchmarks.Compare;

/// <summary>
/// The least that the work can cost, for the generator's columns only and without any check: fields found by SIMD, eight numbers
/// parsed, every category and word hashed into 2²² cells, collisions and all; then one AdaGrad epoch over the arrays.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="parts">So many threads do the work, each on a part of the rows and with arrays and weights of its own, which nobody joins:
/// what the machine's cores gain where nothing has to be done in turn.</param>
internal sealed class BareFloor(BenchmarkRows rows, int parts)
{
    readonly FloorPart[] _parts = [.. Enumerable.Range(0, parts).Select(part => new FloorPart(rows.Train, part, parts))];

    /// <summary>Text to arrays.</summary>
    public void Parse() => Parallel.ForEach(_parts, part => part.Parse());

    /// <summary>Text to arrays to weights.</summary>
    public void ParseAndLearn() => Parallel.ForEach(_parts, part => part.ParseAndLearn());
}

/// <summary>The bare loops over one of several parts of the rows.</summary>
internal sealed class FloorPart
{
    const int Numbers = 8, Binaries = 16, Text = 18, Target = 19, Columns = 20;
    const int Cells = 1 << 22;
    const float Rate = 0.1f;

    readonly BenchmarkRows.Part _text;
    readonly int _begin, _end, _rows;
    readonly float[] _values, _labels;
    readonly int[] _ends;
    readonly float[] _cells = new float[2 * (Cells + 32)]; // weight and sum of squared gradients, side by side
    int[] _ids;

    public FloorPart(BenchmarkRows.Part text, int part, int parts)
    {
        _text = text;
        (_begin, _end) = (LineAfter(part), LineAfter(part + 1));
        _rows = text.Data[_begin.._end].Count((byte)'\n');
        _ids = new int[_rows * 32];
        _values = new float[_rows * Numbers];
        _labels = new float[_rows];
        _ends = new int[_rows];

        // No line ends within quotes.
        int LineAfter(int count)
        {
            var at = (int)((long)text.Data.Length * count / parts);
            return count == 0 || count == parts ? at : at + text.Data[at..].IndexOf((byte)'\n') + 1;
        }
    }

    /// <summary>Text to arrays.</summary>
    public int Parse() => Parse(_text.Data[_begin.._end]);

    /// <summary>Text to arrays to weights.</summary>
    public double ParseAndLearn()
    {
        Parse();
        return Learn();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    int Parse(ReadOnlySpan<byte> text)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        int row = 0, column = 0, begin = 0, count = 0;
        var isQuoted = false;
        for (var at = 0; at < text.Length; at += Vector256<byte>.Count)
        {
            uint mask;
            if (at + Vector256<byte>.Count <= text.Length)
            {
                var bytes = Vector256.LoadUnsafe(ref start, (nuint)at);
                mask = (Vector256.Equals(bytes, Vector256.Create((byte)',')) | Vector256.Equals(bytes, Vector256.Create((byte)'\n'))
                    | Vector256.Equals(bytes, Vector256.Create((byte)'"'))).ExtractMostSignificantBits();
            }
            else
            {
                mask = 0;
                for (var i = at; i < text.Length; i++)
                    mask |= text[i] is (byte)',' or (byte)'\n' or (byte)'"' ? 1u << (i - at) : 0;
            }
            for (; mask != 0; mask &= mask - 1)
            {
                var end = at + BitOperations.TrailingZeroCount(mask);
                if (text[end] == '"')
                {
                    isQuoted = !isQuoted;
                    continue;
                }
                if (isQuoted)
                    continue;
                var field = text[begin..end];
                begin = end + 1;
                if (column < Numbers)
                    _values[row * Numbers + column] = Number(field);
                else if (column < Binaries)
                    _ids[count++] = Cell(column, field);
                else if (column < Text)
                    _ids[count++] = Numbers + 2 * (column - Binaries) + (field[0] & 1);
                else if (column == Text)
                    count = Words(field, count);
                else
                    _labels[row] = field[^1] & 1;
                if (++column < Columns)
                    continue;
                _ends[row++] = count;
                column = 0;
                if (_ids.Length - count < 1024)
                    Array.Resize(ref _ids, _ids.Length * 2);
            }
        }
        return count;
    }

    int Words(ReadOnlySpan<byte> text, int count)
    {
        text = text.Trim((byte)'"');
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)' ');
            var word = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (!word.IsEmpty)
                _ids[count++] = Cell(Text, word);
        }
        return count;
    }

    static float Number(ReadOnlySpan<byte> text)
    {
        var isNegative = !text.IsEmpty && text[0] == '-';
        long digits = 0;
        var scale = 0;
        for (var i = isNegative ? 1 : 0; i < text.Length; i++)
        {
            if (text[i] == '.')
                scale = text.Length - 1 - i;
            else
                digits = digits * 10 + (text[i] - '0');
        }
        var value = digits / PowersOfTen[scale];
        return (float)(isNegative ? -value : value);
    }

    static ReadOnlySpan<double> PowersOfTen => [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

    static int Cell(int column, ReadOnlySpan<byte> token)
    {
        var hash = (ulong)column * 0x9E3779B97F4A7C15;
        for (; token.Length >= 8; token = token[8..])
            hash = (hash ^ MemoryMarshal.Read<ulong>(token)) * 0xD1B54A32D192ED03;
        ulong rest = 0;
        foreach (var value in token)
            rest = rest << 8 | value;
        hash = (hash ^ rest ^ (ulong)token.Length << 56) * 0x8CB92BA72F3D8DD7;
        return 16 + (int)((hash ^ hash >> 32) & (Cells - 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    double Learn()
    {
        var cells = _cells;
        Array.Clear(cells);
        var losses = 0.0;
        var begin = 0;
        for (var row = 0; row < _rows; row++)
        {
            var ids = _ids.AsSpan(begin, _ends[row] - begin);
            var values = _values.AsSpan(row * Numbers, Numbers);
            begin = _ends[row];
            var score = cells[2 * (Cells + 31)];
            foreach (var id in ids)
                score += cells[2 * id];
            for (var i = 0; i < Numbers; i++)
                score += cells[2 * i] * values[i];
            var gradient = 1 / (1 + MathF.Exp(-score)) - _labels[row];
            losses += gradient * gradient;
            Step(ref cells[2 * (Cells + 31)], gradient);
            foreach (var id in ids)
                Step(ref cells[2 * id], gradient);
            for (var i = 0; i < Numbers; i++)
                Step(ref cells[2 * i], gradient * values[i]);
        }
        return losses;

        static void Step(ref float cell, float gradient)
        {
            ref var squared = ref Unsafe.Add(ref cell, 1);
            squared += gradient * gradient;
            cell -= Rate * gradient / MathF.Sqrt(squared + 1e-6f);
        }
    }
}
