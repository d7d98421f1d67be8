using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

public class TrainingLogTests
{
    private static TrainingLogEntry Entry(int pass) => new(2, 0.25, pass, 1, 0.5, 0.4375, 0.91, 120, 34_000, "");

    [Fact]
    public void ALongCourseIsThinnedButKeepsItsEnds()
    {
        var log = new TrainingLog();
        for (var pass = 1; pass <= 10_000; pass++)
        {
            log.Add(Entry(pass));
            Assert.InRange(log.Entries.Count, 1, TrainingLog.MaxEntries);
            Assert.Equal(pass, log.Entries[^1].Pass);
        }
        Assert.Equal(1, log.Entries[0].Pass);
        Assert.Equal(log.Entries.Select(entry => entry.Pass).Order(), log.Entries.Select(entry => entry.Pass));
    }

    [Fact]
    public void ALineTellsWhatIsKnownAndNothingElse()
    {
        var log = new TrainingLog([Entry(3), Entry(1) with { Share = 0.25, TrainingLoss = null, Metric = null, Note = "dropped" }]);
        Assert.Equal(
        [
            "pass 3, learning rate 0.25, training loss 0.5, held-out loss 0.4375, metric 0.91, features 120, model at most 34000 bytes",
            "pass 1 (25 %), learning rate 0.25, held-out loss 0.4375, features 120, model at most 34000 bytes: dropped",
        ], log.ToLines());
    }
}
