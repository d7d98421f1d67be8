using MlService.Learning.Models;
using MlService.Realtime;

namespace MlService.Amazon;

/// <summary>The operations on real-time endpoints, and the predictions.</summary>
internal sealed class RealtimeOperations : OperationSet
{
    private readonly RealtimeEndpoints _endpoints;
    private readonly TimeProvider _time;

    /// <summary>Creates them.</summary>
    public RealtimeOperations(RealtimeEndpoints endpoints, TimeProvider time)
    {
        _endpoints = endpoints;
        _time = time;
        Handlers = new Dictionary<string, Func<AmazonCall, Task<Members>>>
        {
            ["CreateRealtimeEndpoint"] = Create,
            ["DeleteRealtimeEndpoint"] = Delete,
            ["Predict"] = Predict,
        };
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Func<AmazonCall, Task<Members>>> Handlers { get; }

    private async Task<Members> Create(AmazonCall call)
    {
        var model = (await _endpoints.Open(call.Input.Required("MLModelId"), call.Cancellation)).Row;
        return new Members { ["MLModelId"] = model.Id, ["RealtimeEndpointInfo"] = ModelOperations.Endpoint(model, call) };
    }

    private async Task<Members> Delete(AmazonCall call)
    {
        var model = (await _endpoints.Close(call.Input.Required("MLModelId"), call.Cancellation)).Row;
        return new Members { ["MLModelId"] = model.Id, ["RealtimeEndpointInfo"] = ModelOperations.Endpoint(model, call) };
    }

    private async Task<Members> Predict(AmazonCall call)
    {
        var begin = _time.GetTimestamp();
        var predictor = await _endpoints.Find(call.Input.Required("MLModelId"), begin, call.Cancellation);
        PredictionAnswer? answer = null;
        try
        {
            answer = predictor.Answer(call.Input.Map("Record")!);
        }
        finally
        {
            predictor.Traffic.Add(begin, isAnswered: answer is not null);
        }

        return new Members
        {
            ["Prediction"] = new Members
            {
                ["predictedLabel"] = answer.Label,
                ["predictedValue"] = answer.Value,
                ["predictedScores"] = answer.Scores,
                ["details"] = new Dictionary<string, string> { ["PredictiveModelType"] = answer.Type.ToText(), ["Algorithm"] = predictor.Algorithm },
            },
        };
    }
}
