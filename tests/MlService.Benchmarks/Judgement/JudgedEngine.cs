using System.Diagnostics;
using System.Text;
using MlService.Benchmarks.Compare;
using MlService.Learning.Features;
using MlService.Learning.Metrics;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;
using MlService.Learning.Training;

namespace MlService.Benchmarks.Judgement;

/// <summary>How good a model is on rows that it has not seen.</summary>
/// <param name="Value">Area under the ROC curve, macro F1, or root of the mean squared error.</param>
/// <param name="Interval">Where it lies for other rows of the same kind, at 95%.</param>
/// <param name="Seconds">Processor time from CSV text to model.</param>
internal readonly record struct Verdict(double Value, ConfidenceInterval? Interval, double Seconds);

/// <summary>The engine as the service uses it where it is told nothing: statistics, suggested recipe, default parameters.</summary>
internal sealed class JudgedEngine
{
    readonly DataSchema _schema;
    readonly BenchmarkRows.Part _train;
    readonly BenchmarkRows.Part _test;

    /// <summary>Makes the statistics and settles the recipe.</summary>
    /// <param name="schema">What the columns are.</param>
    /// <param name="train">Rows to train on.</param>
    /// <param name="test">Rows to test on.</param>
    /// <param name="recipe">What to make of the columns; by default what the statistics suggest.</param>
    public JudgedEngine(DataSchema schema, BenchmarkRows.Part train, BenchmarkRows.Part test, Recipe? recipe = null)
    {
        (_schema, _train, _test) = (schema, train, test);
        var statistics = new DataStatistics(schema);
        using (var reader = train.Open())
            while (reader.Read())
                if (!reader.IsRejected)
                    statistics.Add(reader.Record, reader.RowPosition);
        Plan = FeaturePlan.Compile(recipe ?? SuggestedRecipe.For(schema, statistics), schema, statistics);
        Target = TargetEncoder.For(schema, statistics.TargetClasses);
    }

    /// <summary>The recipe, fitted on the rows to train on.</summary>
    public FeaturePlan Plan { get; }

    /// <summary>The target, as the rows to train on show it.</summary>
    public TargetEncoder Target { get; }

    /// <summary>The model that was trained last.</summary>
    public LinearModel? Model { get; private set; }

    /// <summary>Trains, and scores the rows to test on.</summary>
    public Verdict Judge(TrainingParameters parameters)
    {
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        Model = Trainer.TrainAsOne(new(Plan, Target, parameters), _train.Open(1), ExampleSpill.Default);
        var seconds = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
        var (value, interval) = Score(Model);
        return new(value ?? double.NaN, interval, seconds);
    }

    (double? Value, ConfidenceInterval? Interval) Score(LinearModel model)
    {
        var (binary, classes, numbers) = (new BinaryMetrics(), new MulticlassMetrics(model.Classes), new RegressionMetrics());
        var scorer = model.CreateScorer(_schema);
        using var reader = _test.Open();
        while (reader.Read())
        {
            if (reader.IsRejected)
                continue;
            var prediction = scorer.Score(reader.Record);
            var actual = reader.Record[_schema.TargetIndex];
            if (Target.Type == ModelType.Multiclass)
                classes.Add(prediction.Probabilities, actual);
            else if (!Target.TryEncode(actual, out var label))
                continue;
            else if (Target.Type == ModelType.Binary)
                binary.Add((float)prediction.Value, label > 0);
            else
                numbers.Add(prediction.Value, label);
        }
        switch (Target.Type)
        {
            case ModelType.Binary:
                var ranked = binary.ToReport();
                return (ranked.Auc, ranked.AucInterval);
            case ModelType.Multiclass:
                var confused = classes.ToReport();
                return (confused.MacroF1, confused.MacroF1Interval);
            default:
                var missed = numbers.ToReport();
                return (missed.Rmse, missed.RmseInterval);
        }
    }

    /// <summary>The examples as the learner gets them: numbers centred and scaled, tokens 1 or as <c>tfidf</c> weighs them.</summary>
    public (List<EncodedRow> Train, List<EncodedRow> Test, int Features) Encode()
    {
        var vocabulary = new FeatureVocabulary();
        var moments = new Dictionary<int, ValueMoments>();
        var counted = Encode(_train, vocabulary, examples: 0);
        foreach (var row in counted)
            for (var i = 0; i < row.Ids.Length; i++)
                if (row.Values[i] != 1 && !float.IsNaN(row.Values[i]))
                    moments[row.Ids[i]] = default;
        var (train, test) = (Encode(_train, vocabulary, counted.Count), Encode(_test, vocabulary, counted.Count));
        foreach (var row in train)
            for (var i = 0; i < row.Ids.Length; i++)
                if (moments.TryGetValue(row.Ids[i], out var sum))
                {
                    sum.Add(row.Values[i]);
                    moments[row.Ids[i]] = sum;
                }
        foreach (var row in train.Concat(test))
            for (var i = 0; i < row.Ids.Length; i++)
                if (moments.TryGetValue(row.Ids[i], out var sum))
                    row.Values[i] = (float)((row.Values[i] - sum.Mean) / sum.Scale);
        return (train, test, vocabulary.Count);
    }

    // By a vocabulary that was counted in so many examples; with 0 it is counted now.
    List<EncodedRow> Encode(BenchmarkRows.Part part, FeatureVocabulary vocabulary, int examples)
    {
        var rows = new List<EncodedRow>();
        var encoder = examples == 0 ? Plan.CreateEncoder(_schema, vocabulary) : Plan.CreateEncoder(_schema, FeatureIndex.Of(vocabulary, examples));
        var features = new FeatureVector();
        using var reader = part.Open();
        while (reader.Read())
        {
            if (reader.IsRejected || !Target.TryEncode(reader.Record[_schema.TargetIndex], out var label))
                continue;
            encoder.Encode(reader.Record, features);
            int[] ids = [.. features.Numbers, .. features.Tokens];
            float[] values = [.. features.Values, .. Enumerable.Repeat(1f, features.Tokens.Length)];
            Array.Sort(ids, values);
            rows.Add(new(label, ids, values));
        }
        return rows;
    }
}

/// <summary>A row as features.</summary>
/// <param name="Label">1 or 0, the index of the class, or the number.</param>
/// <param name="Ids">Numbers of its features, ascending.</param>
/// <param name="Values">Their values.</param>
internal readonly record struct EncodedRow(float Label, int[] Ids, float[] Values);
