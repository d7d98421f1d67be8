namespace MlService.Learning.Records;

/// <summary>Rows that two splits have in common.</summary>
public static class DataOverlap
{
    /// <summary>
    /// The share of the rows of one split that another takes too: of sequential splits by bytes, of random ones by chance, unless
    /// both draw from the same files with one seed. Files are the same if location and version are.
    /// </summary>
    /// <param name="files">Files of the split that is asked about.</param>
    /// <param name="split">Which of their rows it takes.</param>
    /// <param name="otherFiles">Files of the other split.</param>
    /// <param name="other">Which of their rows the other takes.</param>
    /// <returns>0 to 1; 0 only where no row is in both.</returns>
    public static double Share(IReadOnlyList<DataFile> files, DataSplit split, IReadOnlyList<DataFile> otherFiles, DataSplit other)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(otherFiles);
        var segments = Segments(files, split);
        var bytes = segments.Sum(segment => segment.Length);
        var taken = Percent(split);
        if (bytes == 0 || taken == 0)
            return 0;
        var common = (from segment in segments
                      from theirs in Segments(otherFiles, other)
                      where Name(files[segment.File]) == Name(otherFiles[theirs.File])
                      select Math.Max(0, Math.Min(segment.End, theirs.End) - Math.Max(segment.Begin, theirs.Begin))).Sum();
        var drawAlike = split.ChoosesRows && other.ChoosesRows && split.Seed == other.Seed && files.Select(Name).SequenceEqual(otherFiles.Select(Name));
        var both = drawAlike ? Common(split, other) : taken * Percent(other) / 100;
        return (double)common / bytes * both / taken;
    }

    private static IReadOnlyList<DataSegment> Segments(IReadOnlyList<DataFile> files, DataSplit split) =>
        [.. DataSet.Shards(files, split, 1).SelectMany(segments => segments)];

    private static (string, string) Name(DataFile file) => (file.Uri, file.Version);

    private static double Percent(DataSplit split) => Ranges(split).Sum(range => range.End - range.Begin);

    private static double Common(DataSplit one, DataSplit other) =>
        (from range in Ranges(one)
         from theirs in Ranges(other)
         select Math.Max(0, Math.Min(range.End, theirs.End) - Math.Max(range.Begin, theirs.Begin))).Sum();

    // Of the numbers that a random split draws, those that it takes; segments say all of a sequential one.
    private static IEnumerable<(double Begin, double End)> Ranges(DataSplit split) =>
        !split.ChoosesRows ? [(0, 100)]
        : split.Complement ? [(0, split.PercentBegin), (split.PercentEnd, 100)]
        : [(split.PercentBegin, split.PercentEnd)];
}
