using System.IO.Compression;
using System.Text;
using MlService.DataSources;
using MlService.Learning.Records;
using MlService.Learning.Schemas;

namespace MlService.Tests.DataSources;

public class ReadMeterTests
{
    private static readonly DataSchema Schema = SchemaInference.Infer(new MemoryStream("n,y\n1,0\n2,1\n"u8.ToArray())).Schema;

    [Fact]
    public void ItTellsHowMuchOfAGzipFileHasBeenInspected()
    {
        var stored = Compressed();
        var meter = new ReadMeter(CancellationToken.None);

        DataSet.Inspect("s3://b/k", "v", meter.Over(new MemoryStream(stored)), stored.Length, Schema);

        Assert.Equal(stored.Length, meter.Bytes);
    }

    [Fact]
    public void AGzipFileIsNotInspectedToItsEndWhenItsJobIsStopped()
    {
        var stored = Compressed();
        using var stop = new CancellationTokenSource();
        var meter = new ReadMeter(stop.Token);
        var halfway = new StopsHalfway(stored, stop);

        Assert.Throws<OperationCanceledException>(() => DataSet.Inspect("s3://b/k", "v", meter.Over(halfway), stored.Length, Schema));
        Assert.InRange(halfway.Given, 1, stored.Length - 1);
    }

    /// <summary>A million bytes of random numbers, so that it stays large when it is compressed.</summary>
    private static byte[] Compressed()
    {
        var random = new Random(7);
        var text = new StringBuilder("n,y\n");
        while (text.Length < 1 << 20)
            text.Append(random.NextInt64()).Append(",1\n");
        using var stored = new MemoryStream();
        using (var gzip = new GZipStream(stored, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text.ToString()));
        return stored.ToArray();
    }

    private sealed class StopsHalfway(byte[] bytes, CancellationTokenSource stop) : MemoryStream(bytes)
    {
        public long Given { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (Position > Length / 2)
                stop.Cancel();
            var read = base.Read(buffer, offset, Math.Min(count, 4096));
            Given += read;
            return read;
        }
    }
}
