using MlService.DataSources;
using MlService.Jobs;
using MlService.Learning.Models;

namespace MlService.Evaluations;

/// <summary>Scores the rows of a shard and counts how right the model is.</summary>
[GenerateSerializer, Immutable]
internal sealed record EvaluateShard([property: Id(0)] ShardInput Input, [property: Id(1)] SharedItem<ScoringModel> Model) : ShardStep<EvaluationCounts>
{
    private const int RowsPerReport = 4096;

    public override EvaluationCounts Execute(ShardScope scope)
    {
        var model = scope.Get(Model, ScoringModel.Load);
        using var reader = Input.Open(scope);
        var schema = Input.Rows.Value.Schema;
        var target = schema.IndexOf(model.Plan.Schema.Target!);
        var counts = new EvaluationCounts(model);
        var scorer = model.CreateScorer(schema);
        while (reader.Read())
        {
            if (reader.IsRejected)
                counts.InvalidRows++;
            else
                counts.Add(scorer.Score(reader.Record), reader.Record[target]);
            if (reader.RowsRead % RowsPerReport == 0)
                scope.Report(reader.RowsRead, reader.BytesRead);
        }

        scope.Report(reader.RowsRead, reader.BytesRead);
        return counts;
    }

    public override void Write(EvaluationCounts result, Stream stream) => result.Write(stream);

    public override EvaluationCounts Read(Stream stream) => EvaluationCounts.Read(stream, Model.Value);
}
