namespace MlService.Benchmarks.Data;

/// <summary>
/// Rows with a target from a known linear model. Eight numeric columns of several distributions, eight categorical ones with 3 to
/// 100,000 values by Zipf's law, two binary, one text of three to ten words out of 20,000, and the target; one row in ten is
/// quoted. Same arguments, same bytes, on any number of cores of one type of machine.
/// </summary>
internal static class SyntheticData
{
    /// <summary>The rows in order, as many chunks at a time as there are cores: memory does not grow with the rows.</summary>
    /// <param name="missing">Share of empty fields among the numbers, 0 to 1.</param>
    public static IEnumerable<RowChunk> Generate(LearningTask task, int rows, ulong seed, double missing = 0)
    {
        var truth = new LinearTruth(task, seed);
        var count = (rows + RowChunk.Size - 1) / RowChunk.Size;
        for (var first = 0; first < count; first += Environment.ProcessorCount)
        {
            var wave = new RowChunk[Math.Min(Environment.ProcessorCount, count - first)];
            Parallel.For(0, wave.Length, i =>
            {
                var begin = (first + i) * RowChunk.Size;
                wave[i] = new(task, truth, seed, first + i, Math.Min(RowChunk.Size, rows - begin), missing);
            });
            foreach (var chunk in wave)
                yield return chunk;
        }
    }
}
