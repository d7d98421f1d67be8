using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.ObjectPool;
using MlService.Learning;
using MlService.Learning.Models;
using MlService.Learning.Scoring;
using MlService.Learning.Training;
using MlService.Models;

namespace MlService.Realtime;

/// <summary>Answers predictions of one model at one threshold, from JSON to JSON; shared by all requests.</summary>
public sealed class Predictor
{
    private readonly Model _row;
    private readonly ScoringModel _model;
    private readonly byte[] _details;       // of every answer, as JSON
    private readonly DefaultObjectPool<Desk> _desks;

    /// <summary>Creates the predictor of a completed model.</summary>
    /// <param name="row">The model.</param>
    /// <param name="model">What it learned.</param>
    /// <param name="traffic">Where calls of its endpoint are counted.</param>
    public Predictor(Model row, ScoringModel model, EndpointTraffic traffic)
    {
        Traffic = traffic;
        _row = row;
        _model = model;
        Algorithm = TrainingParameters.ToText(model.Parameters.Algorithm).ToUpperInvariant();
        _details = JsonSerializer.SerializeToUtf8Bytes(new { predictiveModelType = model.Type.ToText(), algorithm = Algorithm });
        _desks = new DefaultObjectPool<Desk>(new DeskPolicy(model));
    }

    /// <summary>What the model learned by, as answers say it: in capitals.</summary>
    public string Algorithm { get; }

    /// <summary>Counts the calls of the endpoint, also when the predictor is another one.</summary>
    public EndpointTraffic Traffic { get; }

    /// <summary>Whether a row still asks for what this predictor answers.</summary>
    public bool Fits(Model row) => row.ScoreThreshold == _row.ScoreThreshold && row.Artifacts == _row.Artifacts;

    /// <summary>Answers one request.</summary>
    /// <param name="body"><c>{"record": {attribute: value}}</c> as UTF-8.</param>
    /// <param name="explains">Whether to add each feature's contribution.</param>
    /// <param name="answer">Takes the answer with its type and length, before this returns.</param>
    /// <exception cref="InvalidInputException">The body is not JSON, or not such a request.</exception>
    public void Answer(in ReadOnlySequence<byte> body, bool explains, HttpResponse answer)
    {
        var desk = _desks.Get();
        try
        {
            try
            {
                ReadRecord(body, desk.Reading);
            }
            catch (JsonException exception)
            {
                throw new InvalidInputException(
                    $"The body is not valid JSON, line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}: {exception.Message}", exception);
            }
            catch (InvalidOperationException exception)
            {
                // What the reader says of bytes and escapes that stand for no characters.
                throw new InvalidInputException($"A text in the body is not valid Unicode. {exception.Message} Send it as UTF-8.", exception);
            }

            var prediction = desk.Scorer.Score(desk.Reading.Record);
            var json = desk.Json;
            desk.Answer.ResetWrittenCount();
            json.Reset(desk.Answer);
            json.WriteStartObject();
            WritePrediction(json, prediction);
            json.WritePropertyName("details"u8);
            json.WriteRawValue(_details, skipInputValidation: true);
            if (explains)
                WriteExplanation(json, desk.Scorer.Explain(desk.Reading.Record));
            json.WriteEndObject();
            json.Flush();
            answer.ContentType = "application/json";
            answer.ContentLength = desk.Answer.WrittenCount;
            answer.BodyWriter.Write(desk.Answer.WrittenSpan);
        }
        finally
        {
            _desks.Return(desk);
        }
    }

    /// <summary>Answers one record whose values are texts; names that are no attributes are ignored, as Amazon ML ignored them.</summary>
    /// <exception cref="InvalidInputException">The record is too large.</exception>
    public PredictionAnswer Answer(IReadOnlyDictionary<string, string> record)
    {
        var desk = _desks.Get();
        try
        {
            desk.Reading.Read(record);
            var prediction = desk.Scorer.Score(desk.Reading.Record);
            switch (_model.Type)
            {
                case ModelType.Binary:
                    var label = prediction.Value >= _row.ScoreThreshold ? "1" : "0";
                    return new PredictionAnswer(_model.Type, label, null, new Dictionary<string, float> { [label] = (float)prediction.Value });
                case ModelType.Multiclass:
                    var scores = new Dictionary<string, float>(StringComparer.Ordinal);
                    for (var k = 0; k < prediction.Probabilities.Length; k++)
                        scores[_model.Classes[k]] = prediction.Probabilities[k];
                    return new PredictionAnswer(_model.Type, _model.Classes[prediction.BestClass], null, scores);
                default:
                    return new PredictionAnswer(_model.Type, null, (float)prediction.Value, null);
            }
        }
        finally
        {
            _desks.Return(desk);
        }
    }

    private static void ReadRecord(in ReadOnlySequence<byte> body, RecordReading reading)
    {
        var json = new Utf8JsonReader(body);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw NotARequest();
        var hasRecord = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (!json.ValueTextEquals("record"u8))
                throw new InvalidInputException($"'{json.GetString()}' is not a member of a prediction request. It has one member: record.");
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                throw NotARequest();
            reading.Read(ref json);
            hasRecord = true;
        }

        // Reads on to the end, so that text after the object is an error and not ignored.
        while (json.Read())
        {
        }

        if (!hasRecord)
            throw NotARequest();
    }

    private void WritePrediction(Utf8JsonWriter json, in Prediction prediction)
    {
        switch (_model.Type)
        {
            case ModelType.Binary:
                var label = prediction.Value >= _row.ScoreThreshold ? "1"u8 : "0"u8;
                json.WriteString("predictedLabel"u8, label);
                json.WriteStartObject("predictedScores"u8);
                json.WriteNumber(label, (float)prediction.Value);
                json.WriteEndObject();
                break;
            case ModelType.Multiclass:
                json.WriteString("predictedLabel"u8, _model.Classes[prediction.BestClass]);
                json.WriteStartObject("predictedScores"u8);
                for (var k = 0; k < prediction.Probabilities.Length; k++)
                    json.WriteNumber(_model.Classes[k], prediction.Probabilities[k]);
                json.WriteEndObject();
                break;
            default:
                json.WriteNumber("predictedValue"u8, (float)prediction.Value);
                break;
        }
    }

    private void WriteExplanation(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteStartObject("explanation"u8);
        if (_model.Type == ModelType.Multiclass)
            json.WriteString("class"u8, _model.Classes[explanation.Output]);
        json.WriteNumber("score"u8, explanation.Score);
        json.WriteNumber("intercept"u8, explanation.Intercept);
        json.WriteStartArray("contributions"u8);
        foreach (var part in explanation.Contributions)
        {
            json.WriteStartObject();
            json.WriteString("feature"u8, part.Name);
            json.WriteNumber("value"u8, part.Value);
            json.WriteNumber("contribution"u8, part.Contribution);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static InvalidInputException NotARequest() =>
        new("The body is not a prediction request. Send JSON like {\"record\": {\"age\": 44, \"job\": \"student\"}}.");

    /// <summary>What one request works with.</summary>
    private sealed class Desk(ScoringModel model)
    {
        public RecordReading Reading { get; } = new(model.Plan.Schema);

        public Scorer Scorer { get; } = model.CreateScorer(model.Plan.Schema);

        public Utf8JsonWriter Json { get; } = new(Stream.Null);

        public ArrayBufferWriter<byte> Answer { get; } = new();
    }

    private sealed class DeskPolicy(ScoringModel model) : PooledObjectPolicy<Desk>
    {
        public override Desk Create() => new(model);

        public override bool Return(Desk obj) => true;
    }
}
