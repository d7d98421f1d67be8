using System.Collections.Concurrent;
using System.Globalization;
using MlService.Learning.Schemas;

namespace MlService.Learning.Statistics;

/// <summary>Puts statistics into the form of the data report.</summary>
internal sealed class DataReportBuilder
{
    private const int MostFrequent = 10, LeastFrequent = 5, InvalidShown = 5, ProminentWords = 25;

    private readonly DataStatistics _statistics;
    private readonly TargetSample? _target;
    private readonly TargetCorrelation? _correlation;
    private readonly TargetGroups? _groups;

    public DataReportBuilder(DataStatistics statistics)
    {
        _statistics = statistics;
        _target = TargetSample.Of(statistics);
        _correlation = _target is null ? null : new TargetCorrelation(statistics, _target);
        _groups = TargetGroups.Of(statistics);
    }

    public DataReport Build()
    {
        var schema = _statistics.Schema;
        var attributes = new AttributeReport[schema.Attributes.Count];
        var textsBefore = new int[attributes.Length];
        for (var i = 1; i < attributes.Length; i++)
            textsBefore[i] = textsBefore[i - 1] + (_statistics.Column(i - 1) is TextStatistics ? 1 : 0);
        // What each says of the target takes longer than all else, and touches nothing of the others. Texts take the longest: they do not come last.
        int[] order = [.. Enumerable.Range(0, attributes.Length).OrderBy(i => schema.Attributes[i].Type != AttributeType.Text)];
        Parallel.ForEach(Partitioner.Create(order, loadBalance: true), i =>
        {
            var attribute = Describe(i, textsBefore[i]);
            attributes[i] = attribute with { Warnings = DataWarnings.Of(attribute, _statistics.Rows) };
        });
        var target = DescribeTarget();
        var report = new DataReport
        {
            Rows = _statistics.Rows,
            RejectedRows = _statistics.RejectedRows,
            DuplicateRows = _statistics.Duplicates.Estimate(_statistics.Rows),
            DuplicateRowsExact = _statistics.Duplicates.IsExact,
            DuplicateRowsError = _statistics.Duplicates.Error(_statistics.Rows),
            AttributeTypes = schema.Attributes.GroupBy(attribute => NameOf(attribute.Type))
                .OrderBy(group => group.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count()),
            SampledRows = _statistics.Sample.Count,
            CorrelationMeasure = _correlation?.Measure,
            Target = target,
            Attributes = attributes,
            Warnings = [],
        };
        return report with { Warnings = DataWarnings.Of(report) };
    }

    private AttributeReport Describe(int index, int texts)
    {
        var schema = _statistics.Schema;
        var attribute = new AttributeReport
        {
            Name = schema.Attributes[index].Name,
            Type = NameOf(schema.Attributes[index].Type),
            Role = RoleOf(index),
            Warnings = [],
        };
        attribute = _statistics.Column(index) switch
        {
            NumericStatistics numeric => Describe(attribute, index, numeric),
            BinaryStatistics binary => Describe(attribute, index, binary),
            CategoricalStatistics categorical => Describe(attribute, index, categorical),
            TextStatistics text => Describe(attribute, text, texts),
            _ => attribute,
        };
        return attribute with { MissingShare = Share(attribute.Missing), InvalidShare = Share(attribute.Invalid) };
    }

    private AttributeReport Describe(AttributeReport attribute, int index, NumericStatistics numeric)
    {
        var summary = numeric.Summarize();
        var histogram = summary.Count == 0 ? null : Histogram.Of(summary);
        return attribute with
        {
            Count = summary.Count,
            Missing = summary.Missing,
            Invalid = summary.Invalid,
            InvalidValues = Shown(numeric.Invalid),
            Distinct = numeric.Distinct(),
            DistinctExact = summary.IsExact,
            Correlation = Correlated(attribute)?.OfNumbers(index, summary),
            Pearson = Correlated(attribute)?.Pearson(index),
            ByTarget = histogram is null ? null : Split(attribute)?.OfNumbers(index, histogram),
            Numbers = histogram is null ? null : new NumbersReport
            {
                Min = summary.Min,
                LowerQuartile = summary.Quantile(0.25),
                Median = summary.Quantile(0.5),
                UpperQuartile = summary.Quantile(0.75),
                Max = summary.Max,
                Mean = summary.Mean,
                StandardDeviation = summary.StandardDeviation,
                QuantilesExact = summary.IsExact,
                Histogram = histogram,
            },
        };
    }

    private AttributeReport Describe(AttributeReport attribute, int index, BinaryStatistics binary)
    {
        ValueCount no = new("0", binary.False), yes = new("1", binary.True);
        ValueCount[] values = [.. (yes.Count > no.Count ? new[] { yes, no } : [no, yes]).Where(value => value.Count > 0)];
        var count = binary.True + binary.False;
        return attribute with
        {
            Count = count,
            Invalid = binary.Invalid.Count,
            InvalidValues = Shown(binary.Invalid),
            Distinct = values.Length,
            DistinctExact = true,
            TrueShare = count == 0 ? null : (double)binary.True / count,
            Correlation = Correlated(attribute)?.OfValues(index),
            Pearson = Correlated(attribute)?.Pearson(index),
            ByTarget = Split(attribute)?.OfValues(index, [.. values.Select(value => value == yes ? 1UL : 0UL)]),
            Values = new ValuesReport { MostFrequent = values, Other = 0, LeastFrequent = [.. values.Reverse()], CountError = 0 },
        };
    }

    private AttributeReport Describe(AttributeReport attribute, int index, CategoricalStatistics categorical)
    {
        var values = categorical.Values;
        var ranked = values.Ranked(MostFrequent);
        ValueCount[] frequent = [.. ranked.Select(ValueCount.Of)];
        return attribute with
        {
            Count = _statistics.Rows,
            Empty = categorical.Empty,
            Distinct = values.Distinct,
            DistinctExact = values.IsExact,
            Correlation = Correlated(attribute)?.OfValues(index),
            ByTarget = Split(attribute)?.OfValues(index, [.. ranked.Select(value => value.Hash)]),
            Values = new ValuesReport
            {
                MostFrequent = frequent,
                Other = Math.Max(0, _statistics.Rows - frequent.Sum(value => value.Count)),
                LeastFrequent = values.IsExact ? [.. values.Ranked(LeastFrequent, rarestFirst: true).Select(ValueCount.Of)] : null,
                CountError = values.CountError,
            },
        };
    }

    private AttributeReport Describe(AttributeReport attribute, TextStatistics text, int texts)
    {
        var words = new WordSample(_statistics, text, texts);
        var prominent = words.Prominent(_target, ProminentWords);
        return attribute with
        {
            Count = _statistics.Rows,
            Empty = text.Empty,
            Distinct = text.Words.Distinct,
            DistinctExact = text.Words.IsExact,
            Correlation = Correlated(attribute)?.OfWords(words),
            ByTarget = Split(attribute)?.OfWords(words, [.. prominent.Select(word => word.Index)]),
            Words = new WordsReport
            {
                Total = text.TotalWords,
                Unique = text.Words.Distinct,
                LeastPerValue = _statistics.Rows == 0 ? 0 : text.LeastWords,
                MostPerValue = text.MostWords,
                ShortestLength = text.TotalWords == 0 ? 0 : text.ShortestWord,
                LongestLength = text.LongestWord,
                Prominent = [.. prominent.Select(word => word.Word)],
                CountError = text.Words.CountError,
            },
        };
    }

    private TargetReport? DescribeTarget()
    {
        var index = _statistics.Schema.TargetIndex;
        if (index < 0)
            return null;
        var classes = _statistics.TargetClasses;
        var summary = _statistics.Column(index) is NumericStatistics numeric ? numeric.Summarize() : null;
        var count = _statistics.Column(index) switch
        {
            BinaryStatistics binary => binary.True + binary.False,
            CategoricalStatistics categorical => _statistics.Rows - categorical.Empty,
            _ => summary!.Count,
        };
        return new TargetReport
        {
            Name = _statistics.Schema.Attributes[index].Name,
            ModelType = _statistics.Schema.Attributes[index].Type switch
            {
                AttributeType.Binary => "BINARY",
                AttributeType.Categorical => "MULTICLASS",
                _ => "REGRESSION",
            },
            Count = count,
            Unusable = _statistics.Rows - count,
            Classes = classes,
            HasTooManyClasses = classes.Count > DataStatistics.MaxTargetClasses,
            Histogram = summary is { Count: > 0 } ? Histogram.Of(summary) : null,
            Groups = _groups?.Groups ?? [],
            ShareError = _groups is null || _statistics.Sample.Count == _statistics.Rows ? 0 : 0.98 / Math.Sqrt(_groups.Rows),
        };
    }

    /// <summary>The target's correlation with itself, or with what is no input, is of no use.</summary>
    private TargetCorrelation? Correlated(AttributeReport attribute) => attribute.Role == "INPUT" ? _correlation : null;

    private TargetGroups? Split(AttributeReport attribute) => attribute.Role == "INPUT" ? _groups : null;

    private double Share(long count) => _statistics.Rows == 0 ? 0 : (double)count / _statistics.Rows;

    private static IReadOnlyList<ValueCount>? Shown(InvalidValues invalid) =>
        invalid.Count == 0 ? null : [.. invalid.MostFrequent(InvalidShown).Select(ValueCount.Of)];

    private string RoleOf(int index)
    {
        var schema = _statistics.Schema;
        return index == schema.TargetIndex ? "TARGET" : index == schema.RowIdIndex ? "ROW_ID"
            : index == schema.RowWeightIndex ? "ROW_WEIGHT" : schema.IsInput(index) ? "INPUT" : "EXCLUDED";
    }

    private static string NameOf(AttributeType type) => type.ToString().ToUpper(CultureInfo.InvariantCulture);
}
