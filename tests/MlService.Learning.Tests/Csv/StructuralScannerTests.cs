using CsCheck;
using MlService.Learning.Csv;

namespace MlService.Learning.Tests.Csv;

public class StructuralScannerTests
{
    /// <summary>What this machine can run: every test of the reader runs on each.</summary>
    internal static IEnumerable<ScannerWidth> Widths => Enum.GetValues<ScannerWidth>().Where(width => width <= StructuralScanner.Widest);

    [Fact]
    public void EveryWidthFindsWhatALoopFinds() =>
        Gen.OneOf(Gen.Byte, Gen.Char[",\"\na"].Select(letter => (byte)letter)).Array[0, 300].Sample(bytes =>
        {
            var expected = Enumerable.Range(0, bytes.Length).Where(index => bytes[index] is 0x2C or 0x22 or 0x0A).Select(index => index + 7);
            foreach (var width in Widths)
            {
                var positions = new int[bytes.Length + StructuralScanner.Slack];
                var count = StructuralScanner.Scan(bytes, 7, (byte)',', positions, width);
                Assert.Equal(expected, positions[..count]);
            }
        }, iter: 800);

    [Fact]
    public void ATextOfStructuralBytesOnlyFits()
    {
        var bytes = new byte[640];
        Array.Fill(bytes, (byte)',');
        var positions = new int[bytes.Length + StructuralScanner.Slack];
        foreach (var width in Widths)
        {
            Array.Clear(positions);
            Assert.Equal(640, StructuralScanner.Scan(bytes, 0, (byte)',', positions, width));
            Assert.Equal(Enumerable.Range(0, 640), positions[..640]);
        }
    }

    [Fact]
    public void TooLittleRoomIsRefusedBeforeAnythingIsWritten() =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            StructuralScanner.Scan(new byte[64], 0, (byte)',', new int[64], StructuralScanner.Widest));
}
