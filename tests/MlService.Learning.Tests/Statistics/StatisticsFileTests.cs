using System.Buffers.Binary;
using CsCheck;
using MlService.Learning.Schemas;
using MlService.Learning.Statistics;

namespace MlService.Learning.Tests.Statistics;

public class StatisticsFileTests
{
    private static readonly DataSchema Schema = Rows.Schema("a:N b:B c:C d:T y:C", target: "y");

    private static readonly Lazy<DataStatistics> Large = new(() =>
    {
        // Enough different values that every sketch has left its exact phase.
        var random = new Random(11);
        return Rows.Statistics(Schema, Enumerable.Range(0, 20_000).Select(i => new[]
        {
            $"{random.NextDouble()}", i % 7 == 0 ? "maybe" : "1", $"value {random.Next(9000)}",
            $"{random.Next(30_000)} {random.Next(30_000)} words", $"k{i % 3}",
        }));
    });

    private static readonly Lazy<byte[]> Small = new(() =>
        Rows.Bytes(Rows.Statistics(Schema, [["1", "0", "x", "a b", "p"], ["", "?", "", "", "q"]])));

    [Fact]
    public void WhatIsReadIsWhatWasWritten()
    {
        var bytes = Rows.Bytes(Large.Value);
        var read = DataStatistics.Read(new MemoryStream(bytes), Schema);
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(Large.Value.ToReport()), System.Text.Json.JsonSerializer.Serialize(read.ToReport()));
        Assert.Equal(Large.Value.Numeric(0).Boundaries(50), read.Numeric(0).Boundaries(50));
    }

    [Fact]
    public void TheSameRowsInTheSameShardsGiveTheSameBytes()
    {
        Assert.Equal(Rows.Bytes(Large.Value), Rows.Bytes(Large.Value));
        string[][] rows = [.. Enumerable.Range(0, 300).Select(i => new[] { $"{i * i % 97}", "t", $"{i % 9}", $"w{i % 5} x", "k" })];
        Assert.Equal(Rows.Bytes(Rows.Statistics(Schema, rows)), Rows.Bytes(Rows.Statistics(Schema, rows)));
    }

    [Fact]
    public void EveryDamagedByteIsNoticed()
    {
        var file = Small.Value;
        for (var i = 0; i < file.Length; i++)
        {
            var damaged = (byte[])file.Clone();
            damaged[i] ^= 0x10;
            Assert.Throws<InvalidInputException>(() => DataStatistics.Read(new MemoryStream(damaged), Schema));
        }
    }

    [Fact]
    public void EveryTruncationIsNoticed()
    {
        for (var length = 0; length < Small.Value.Length; length++)
            Assert.Throws<InvalidInputException>(() => DataStatistics.Read(new MemoryStream(Small.Value, 0, length), Schema));
    }

    [Fact]
    public void HostileBytesUnderAValidChecksumNeitherCrashNorExhaustMemory() =>
        Gen.Select(Gen.Int[18, Small.Value.Length - 5], Gen.Byte, Gen.Int[18, Small.Value.Length - 5], Gen.Byte).Sample((i, a, j, b) =>
        {
            var forged = (byte[])Small.Value.Clone();
            (forged[i], forged[j]) = (a, b);
            Seal(forged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                DataStatistics.Read(new MemoryStream(forged), Schema);
            }
            catch (InvalidInputException refused)
            {
                Assert.StartsWith("The statistics file cannot be read", refused.Message, StringComparison.Ordinal);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000_000);
        }, iter: 3000, threads: 1);

    [Fact]
    public void AFileOfAnotherSchemaOrVersionIsRefusedWithTheReason()
    {
        var other = Assert.Throws<InvalidInputException>(() => DataStatistics.Read(new MemoryStream(Small.Value), Rows.Schema("a:N")));
        Assert.Contains("another schema", other.Message, StringComparison.Ordinal);
        var newer = (byte[])Small.Value.Clone();
        newer[4] = 9;
        Assert.Contains("version 9", Assert.Throws<InvalidInputException>(
            () => DataStatistics.Read(new MemoryStream(newer), Schema)).Message, StringComparison.Ordinal);
    }

    /// <summary>CRC-32C bit by bit over all but the last four bytes, as the format says.</summary>
    private static void Seal(byte[] file)
    {
        var crc = uint.MaxValue;
        foreach (var value in file.AsSpan(0, file.Length - 4))
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(file.Length - 4), ~crc);
    }
}
