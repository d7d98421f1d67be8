using System.Runtime.CompilerServices;

namespace MlService.Learning.Statistics;

/// <summary>The frequent words of one TEXT column and in which sampled rows they stand.</summary>
internal sealed class WordSample
{
    private const int MostWords = 4096, VerdictBins = 20;

    private readonly List<CountedValue> _words;
    private readonly double _rows;
    private readonly int[] _indexes; // of the words of all sampled rows, one row after the other
    private readonly int[] _starts;  // by the row

    /// <param name="statistics">The statistics.</param>
    /// <param name="column">The text column's own.</param>
    /// <param name="text">How many text columns precede it.</param>
    public WordSample(DataStatistics statistics, TextStatistics column, int text)
    {
        _rows = statistics.Rows;
        _words = column.Words.Ranked(MostWords);
        (_indexes, _starts) = Find(statistics.Sample, text);
    }

    /// <summary>The words that tell most about the target, by their rank; without one, those whose presence has the highest entropy.</summary>
    public IReadOnlyList<(int Index, WordProminence Word)> Prominent(TargetSample? target, int most)
    {
        var prominences = target is null ? Entropies() : target.Classes > 0 ? ClassInformation(target) : VarianceShares(target);
        return [.. prominences.Select((prominence, i) => (prominence, i)).Where(word => word.prominence > 0)
            .OrderByDescending(word => word.prominence).ThenBy(word => word.i).Take(most)
            .Select(word => (word.i, new WordProminence(ValueCount.TextOf(_words[word.i]), word.prominence,
                _words[word.i].Count, Math.Min(1, _words[word.i].Count / _rows))))];
    }

    /// <summary>The ranks of a sampled row's frequent words.</summary>
    public ReadOnlySpan<int> IndexesOf(int row) => _indexes.AsSpan(_starts[row].._starts[row + 1]);

    /// <summary>
    /// What the words of each row say together, learned on the other half of the rows: naive Bayes over the presence of words for
    /// classes, the shrunk mean of the words' mean targets for numbers; in groups of like verdicts.
    /// </summary>
    public (int[] Groups, int Count) Verdicts(TargetSample target)
    {
        var groups = new int[target.Rows.Length];
        var scores = new double[groups.Length];
        for (var half = 0; half < 2; half++)
        {
            if (target.Classes > 0)
                JudgeClasses(target, half, groups, scores);
            else
                JudgeNumbers(target, half, scores);
        }
        if (target.Classes > 2)
            return (groups, target.Classes);
        var cuts = NumericSummary.FromValues(scores).Boundaries(VerdictBins);
        for (var i = 0; i < groups.Length; i++)
            groups[i] = QuantileBins.IndexOf(cuts, scores[i]);
        return (groups, cuts.Length + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void JudgeClasses(TargetSample target, int half, int[] groups, double[] scores)
    {
        var classes = target.Classes;
        var counts = new int[_words.Count * classes];
        var rows = new int[classes];
        for (var i = 1 - half; i < target.Rows.Length; i += 2)
        {
            rows[target.Labels[i]]++;
            foreach (var word in IndexesOf(target.Rows[i]))
                counts[word * classes + target.Labels[i]]++;
        }
        var logs = new double[counts.Length];
        for (var i = 0; i < logs.Length; i++)
            logs[i] = Math.Log((counts[i] + 0.5) / (rows[i % classes] + 1));
        var verdict = new double[classes];
        for (var i = half; i < target.Rows.Length; i += 2)
        {
            for (var c = 0; c < classes; c++)
                verdict[c] = Math.Log(rows[c] + 0.5);
            foreach (var word in IndexesOf(target.Rows[i]))
            {
                for (var c = 0; c < classes; c++)
                    verdict[c] += logs[word * classes + c];
            }
            groups[i] = Array.IndexOf(verdict, verdict.Max());
            scores[i] = verdict[1] - verdict[0];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void JudgeNumbers(TargetSample target, int half, double[] scores)
    {
        const double shrinkage = 5;
        var sums = new double[_words.Count];
        var counts = new int[_words.Count];
        for (var i = 1 - half; i < target.Rows.Length; i += 2)
        {
            foreach (var word in IndexesOf(target.Rows[i]))
            {
                sums[word] += target.Values[i];
                counts[word]++;
            }
        }
        for (var i = half; i < target.Rows.Length; i += 2)
        {
            double sum = 0;
            var words = 0;
            foreach (var word in IndexesOf(target.Rows[i]))
            {
                sum += sums[word] / (counts[word] + shrinkage);
                words++;
            }
            scores[i] = words == 0 ? 0 : sum / words;
        }
    }

    private double[] Entropies() => [.. _words.Select(word => Math.Min(1, word.Count / _rows))
        .Select(p => p is 0 or 1 ? 0 : -(p * Math.Log2(p) + (1 - p) * Math.Log2(1 - p)))];

    /// <summary>
    /// I(W; Y) / H(Y) of a word's presence W, less the bias (C − 1) / 2n that chance alone would give it (Miller, 1955).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double[] ClassInformation(TargetSample target)
    {
        var classes = target.Classes;
        var with = new int[_words.Count * classes];
        var rows = new int[classes];
        for (var i = 0; i < target.Rows.Length; i++)
        {
            rows[target.Labels[i]]++;
            foreach (var word in IndexesOf(target.Rows[i]))
                with[word * classes + target.Labels[i]]++;
        }
        double n = target.Rows.Length;
        var entropy = -rows.Sum(count => Term(count, n, 1));
        var bias = (classes - 1) / (2 * n);
        var result = new double[_words.Count];
        for (var word = 0; word < result.Length; word++)
        {
            var counts = with.AsSpan(word * classes, classes);
            double present = 0, information = 0;
            foreach (var count in counts)
                present += count;
            for (var c = 0; c < classes; c++)
            {
                information += Term(counts[c], n, present / n * (rows[c] / n));
                information += Term(rows[c] - counts[c], n, (1 - present / n) * (rows[c] / n));
            }
            result[word] = Math.Clamp((information - bias) / entropy, 0, 1);
        }
        return result;
    }

    /// <summary>p log(p / q) with p = count / n.</summary>
    private static double Term(double count, double n, double q) => count == 0 ? 0 : count / n * Math.Log(count / n / q);

    /// <summary>Squared correlation of a word's presence with the target, less the 1 / (n − 1) that chance alone would give it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double[] VarianceShares(TargetSample target)
    {
        var sums = new double[_words.Count];
        var counts = new int[_words.Count];
        for (var i = 0; i < target.Rows.Length; i++)
        {
            foreach (var word in IndexesOf(target.Rows[i]))
            {
                sums[word] += target.Values[i];
                counts[word]++;
            }
        }
        double n = target.Rows.Length;
        return [.. sums.Select((sum, word) => counts[word] == 0 || counts[word] == n
            ? 0
            : Math.Clamp(sum * sum / (counts[word] * (1 - counts[word] / n) * n) - 1 / (n - 1), 0, 1))];
    }

    /// <summary>The words of the sampled rows that are among the frequent ones, by their rank.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int[] Indexes, int[] Starts) Find(SampledColumns sample, int text)
    {
        var ranks = new Dictionary<uint, int>(_words.Count);
        for (var i = 0; i < _words.Count; i++)
            ranks.TryAdd(SampledRow.Short(_words[i].Hash), i);
        var indexes = new List<int>();
        var starts = new int[sample.Count + 1];
        for (var row = 0; row < sample.Count; row++)
        {
            foreach (var hash in WordsOf(sample.Words(row), text))
            {
                if (ranks.TryGetValue(hash, out var word))
                    indexes.Add(word);
            }
            starts[row + 1] = indexes.Count;
        }
        return ([.. indexes], starts);
    }

    private static ReadOnlySpan<uint> WordsOf(ReadOnlySpan<uint> words, int text)
    {
        for (; text > 0; text--)
            words = words[((int)words[0] + 1)..];
        return words.Slice(1, (int)words[0]);
    }
}
