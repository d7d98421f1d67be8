using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MlService.Benchmarks.Realtime;

/// <summary>What a POST costs at least: Kestrel, routing, the body read to its end, a constant answer of the size of ours.</summary>
internal static class BareEndpoint
{
    /// <summary>The command that runs it; not for people.</summary>
    public const string Command = "serve-bare";

    static ReadOnlySpan<byte> Answer =>
        """{"predictedLabel":"0","predictedScores":{"0":0.048123},"details":{"predictiveModelType":"BINARY","algorithm":"SGD"}}"""u8;

    /// <summary>Serves until the process is ended.</summary>
    public static async Task<int> Run(string[] arguments)
    {
        var builder = WebApplication.CreateSlimBuilder(arguments);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        await using var app = builder.Build();
        app.MapGet("/health/ready", () => "ready");
        app.MapPost("/realtime/{modelId}", Predict);
        await app.RunAsync();
        return 0;
    }

    static async Task Predict(string modelId, HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                break;
        }
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Answer.Length;
        context.Response.BodyWriter.Write(Answer);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
