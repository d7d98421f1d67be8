using MlService.DataSources;
using MlService.Jobs;
using MlService.Learning;
using MlService.Learning.Features;
using MlService.Learning.Models;
using MlService.Learning.Recipes;
using MlService.Learning.Statistics;
using MlService.Learning.Training;
using MlService.Learning.Trees;
using MlService.Metadata;
using MlService.Problems;
using MlService.Storage;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace MlService.Models;

/// <summary>
/// Trains a model: fits the recipe on the datasource's statistics, lets the shards read and encode their rows once, then goes through
/// the passes that the coordinator (<see cref="Trainer"/>) orders.
/// </summary>
public sealed class ModelJob : ResourceJob
{
    private const int MaxRecipeLength = 131_071;

    private static readonly TimeSpan TellInterval = TimeSpan.FromMilliseconds(400);

    // Shares of the job, in percent, for its progress. Rates are tried on small data many times over, so that reading it is the least.
    private const long SmallBytes = 16 << 20;
    private const double EncodedOfSmall = 10;
    private const double EncodedOfLarge = 55;
    private const double Remapping = 3;
    private const double Learned = 97;

    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.Model;

    /// <inheritdoc/>
    public override async Task<Action<Resource>> Run(JobContext context)
    {
        var row = (Model)context.Row;
        await context.Report("preparing", 0);
        var input = await DataSourceInput.Load(context, row.TrainingDataSourceId);
        var (setup, recipe) = await Prepare(context, row, input);
        await context.Admit(input.Bytes);

        var model = await Train(context, setup, input);

        await Artifacts.Write(context.Objects, context.Artifacts, Artifacts.Model, model.Save, context.Cancellation);
        await WriteLog(context, model);
        return resource =>
        {
            var result = (Model)resource;
            result.Type = model.Type.ToText();
            result.Recipe = recipe;
            result.DataLocation = input.Row.DataLocation;
            result.SizeInBytes = model.SizeInBytes;
        };
    }

    /// <summary>Settles what to learn from what: recipe, target, parameters.</summary>
    private static async Task<(TrainingSetup Setup, string Recipe)> Prepare(JobContext context, Model row, DataSourceInput input)
    {
        if (input.Schema.Target is not { } target)
            throw new InvalidInputException(
                $"The schema of datasource '{input.Row.Id}' names no target. Make a datasource whose schema has targetAttributeName.");
        var type = ModelTypes.Of(input.Schema.Attributes[input.Schema.TargetIndex].Type);
        if (row.Type is { } wanted && wanted != type.ToText())
            throw new InvalidInputException(
                $"type is {wanted}, and the target '{target}' of datasource '{input.Row.Id}' makes it {type.ToText()}: BINARY takes a BINARY "
                + "target, MULTICLASS a CATEGORICAL one, REGRESSION a NUMERIC one. Change the type, or the target's type in the schema.");
        if (!input.Row.ComputeStatistics)
            throw new InvalidInputException(
                $"Datasource '{input.Row.Id}' was made without statistics, and training needs them. Make it again with computeStatistics true.");

        await using var stream = await context.Objects.OpenRead(
            Artifacts.Uri(input.Row, Artifacts.Statistics), cancellationToken: context.Cancellation);
        var statistics = await Task.Run(() => DataStatistics.Read(stream, input.Schema), context.Cancellation);
        var parameters = TrainingParameters.Parse(row.Parameters);
        var recipe = row.Recipe
            ?? (row.RecipeLocation is { } location
                ? await DataSourceFiles.ReadText(context.Objects, ObjectUri.Parse(location), MaxRecipeLength, "recipe", context.Cancellation)
                : parameters.Algorithm == Algorithm.Sgd ? await Task.Run(() => SuggestedRecipe.For(input.Schema, statistics).ToJson(), context.Cancellation)
                : TreeTrainer.DefaultRecipe.ToJson());
        var plan = FeaturePlan.Compile(Recipe.Parse(recipe), input.Schema, statistics);
        var encoder = TargetEncoder.For(input.Schema, statistics.TargetClasses);
        return (new TrainingSetup(plan, encoder, parameters), recipe);
    }

    private static async Task<LearnedModel> Train(JobContext context, TrainingSetup setup, DataSourceInput input)
    {
        var isLinear = setup.Parameters.Algorithm == Algorithm.Sgd;
        TreeTrainer.Check(setup.Parameters);
        var trainer = new Trainer(setup);
        var checkpoint = await TrainingCheckpoint.Find(context, trainer);
        // Data of moderate size is read by all cores and then learned from as one sequence; larger data stays where it was read. Trees
        // need all of it in one place.
        var isOne = !isLinear || (checkpoint.Learners ?? context.ShardCount(input.Bytes, context.Options.MinTrainingShardBytes)) == 1;
        var shards = input.Shards(isOne
            ? context.ShardCount(input.Bytes, context.Options.MinShardBytes, inOneProcess: true)
            : checkpoint.Learners ?? context.ShardCount(input.Bytes, context.Options.MinTrainingShardBytes));
        var learners = isOne ? 1 : shards.Count;
        var team = context.Team(shards.Count);
        var (shared, rows) = (await team.Share("setup", setup, setup.Write), await input.ShareWith(team));

        var encoded = input.Bytes < SmallBytes ? EncodedOfSmall : EncodedOfLarge;
        var encode = shards.Select((segments, index) => new EncodeShard(shared, new ShardInput(rows, segments), index)).ToList();
        var summaries = await team.Run("encoding", encode, input.Bytes, 0, encoded);
        // Merging, mixing and finishing take seconds for large models: off the grain's scheduler.
        var numbering = await Task.Run(() => trainer.Merge(summaries, learners), context.Cancellation);
        var remap = new List<RemapShard>();
        for (var index = 0; index < shards.Count; index++)
        {
            var shard = index;
            remap.Add(new RemapShard(await team.Share($"numbering-{index}", numbering, stream => numbering.Write(stream, shard), shard)));
        }

        var remapped = await team.Run("encoding", remap, 0, encoded, encoded + Remapping);
        if (learners == 1 && remapped.Count > 1)
            TrainingShard.Join([.. remapped.Select(done => done.Shard!)]);

        var examples = summaries.Sum(summary => summary.Examples);
        if (!isLinear)
        {
            // The learners of trees do not tell how far they are: no speed is shown, and so no end foretold.
            context.Progress.RowsPerSecond = 0;
            context.Progress.Rows = examples;
            await context.Report("boosting", encoded + Remapping);
            return await Task.Run(() => TreeTrainer.Train(trainer, remapped[0].Shard!, context.Cancellation), context.Cancellation);
        }

        await checkpoint.Restore(learners);
        var told = Stopwatch.StartNew();
        while (await Task.Run(trainer.NextPass, context.Cancellation) is { } order)
        {
            var (from, to) = trainer.Shares(order);
            var phase = trainer.Phase;
            await context.ReportPass(phase, order.Pass, trainer.BestLoss, Percent(from));
            var learn = new LearnShard(await team.Share("order", order, order.Write));
            var steps = Enumerable.Repeat(learn, learners).ToList();
            var time = Stopwatch.StartNew();
            var results = await team.Run(
                phase, steps, bytes: 0, Percent(from), Percent(to), rows: trainer.Rows(order));
            await Task.Run(() => trainer.Complete(results, time.Elapsed), context.Cancellation);
            await checkpoint.SaveIfDue();
            if (told.Elapsed < TellInterval)
                continue;
            await TellCourse(context, trainer.Log);
            told.Restart();
        }

        await checkpoint.Remove();
        context.Progress.Rows = examples;
        return await Task.Run(trainer.Finish, context.Cancellation);

        double Percent(double share) => encoded + Remapping + (Learned - encoded - Remapping) * share;
    }

    /// <summary>Lets people see the learners race: the course so far, where the attempt's log will be.</summary>
    private static async Task TellCourse(JobContext context, TrainingLog log)
    {
        try
        {
            await WriteCourse(context, log);
        }
        catch (Exception exception) when (!context.Cancellation.IsCancellationRequested)
        {
            // Training needs no storage between its passes; what matters is written at the end, with more patience.
            context.LogUntold(exception);
        }
    }

    private static Task WriteCourse(JobContext context, TrainingLog log) => Artifacts.Write(
        context.Objects, context.Artifacts, Artifacts.LogJson, stream => JsonSerializer.Serialize(stream, log.Entries, JsonRules.Options), context.Cancellation);

    private static async Task WriteLog(JobContext context, LearnedModel model)
    {
        var summary = model.Summary;
        var text = new StringBuilder();
        text.AppendLine($"{model.Type.ToText()} model for '{model.Target.Name}'");
        text.AppendLine($"examples {summary.Examples}, invalid rows {summary.InvalidRows}, rejected rows {summary.RejectedRows}");
        text.AppendLine($"features seen {summary.FeaturesSeen}, pruned {summary.FeaturesPruned}, in the model {model.FeatureCount}");
        text.AppendLine($"parameters {string.Join(", ", model.Parameters.ToDictionary().Select(pair => $"{pair.Key}={pair.Value}"))}");
        foreach (var line in model.Log.ToLines())
            text.AppendLine(line);
        if (summary.Folds.Count > 0)
            text.AppendLine($"cross-validated, metric by fold: {string.Join(", ", summary.Folds.Select(fold => fold.Metric))}");
        var regularization = model.Log.Regularization is { Length: > 0 } found ? $", {found}" : "";
        text.AppendLine($"learning rate {summary.LearningRate}{regularization}, passes {summary.Passes}, size {model.SizeInBytes} bytes");
        await Artifacts.Write(
            context.Objects, context.Artifacts, Artifacts.Log, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())), context.Cancellation);
        await WriteCourse(context, model.Log);
    }
}
