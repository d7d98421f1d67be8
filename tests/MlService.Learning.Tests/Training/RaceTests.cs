using MlService.Learning.Training;

namespace MlService.Learning.Tests.Training;

public class RaceTests
{
    private static LearnerState[] Learners(int count) =>
        [.. Enumerable.Range(0, count).Select(id => new LearnerState(id, id + 1, 0, 1, []))];

    [Fact]
    public void WherePassesAreDearLaggardsAreDroppedAfterAQuarterOfTheFirst()
    {
        var race = new Race(Learners(5), 10, 1e-4, drops: true);
        Assert.Equal((1, 0, 0.25), (race.Pass, race.From, race.To));
        race.Judge([0.5, 0.4, 0.3, 0.45, 0.6]);
        Assert.Equal([1, 2, 3], race.Learners.Select(learner => learner.Id));
        Assert.Equal((1, 0.25, 1), (race.Pass, race.From, race.To));
        race.Judge([0.30, 0.28, 0.31]);
        Assert.Equal([1, 2], race.Learners.Select(learner => learner.Id));
        Assert.Equal((2, 0, 1), (race.Pass, race.From, race.To));
    }

    [Fact]
    public void WherePassesAreCheapAllRaceOnWhileTheyImprove()
    {
        var race = new Race(Learners(3), 10, 1e-4, drops: false);
        race.Judge([0.5, 0.4, 0.3]);
        race.Judge([0.4, 0.45, 0.3]);
        Assert.Equal([0, 1, 2], race.Learners.Select(learner => learner.Id));
        race.Judge([0.35, 0.44, 0.29]);
        Assert.Equal([0, 2], race.Learners.Select(learner => learner.Id));
    }

    [Fact]
    public void TheLowestLossEverSeenWinsAndItsWeightsAreKept()
    {
        var learners = Learners(2);
        var race = new Race(learners, 3, 0, drops: false);
        learners[1].Average[0] = 7;
        race.Judge([0.5, 0.2]);
        learners[1].Average[0] = 9;
        race.Judge([0.4, 0.3]);
        race.Judge([0.3, 0.25]);
        Assert.True(race.IsOver);
        Assert.Equal((1, 1, 0.2), (race.BestLearner.Id, race.BestPass, race.BestLoss));
        Assert.Equal(7, race.BestWeights![0]);
    }

    [Fact]
    public void WhoIsBehindTheFirstHeatsWinnerInTheSecondIsDroppedAndWhoIsBetterWins()
    {
        var race = new Race(Learners(2), 3, 0, drops: false);
        race.Judge([0.9, 0.5]);
        race.Judge([0.8, 0.4]);
        race.Judge([0.7, 0.3]);
        Assert.True(race.IsOver);
        race.GoOn([.. Learners(5)[2..]]);
        Assert.False(race.IsOver);
        // After one pass it is too early to tell.
        race.Judge([0.6, 0.45, 0.51]);
        Assert.Equal([2, 3, 4], race.Learners.Select(learner => learner.Id));
        var notes = race.Judge([0.41, 0.35, double.NaN]);
        Assert.Contains("less regularization", notes[0], StringComparison.Ordinal);
        Assert.Equal([3], race.Learners.Select(learner => learner.Id));
        Assert.Equal((1, 0.3), (race.BestLearner.Id, race.BestLoss));
        race.Judge([0.2]);
        Assert.Equal((3, 3, 0.2, true), (race.BestLearner.Id, race.BestPass, race.BestLoss, race.IsOver));
    }

    [Fact]
    public void AGainBelowTheToleranceIsNone()
    {
        var race = new Race(Learners(1), 100, 0.01, drops: true);
        race.Judge([1]);
        race.Judge([0.98]);
        Assert.False(race.IsOver);
    }

    [Fact]
    public void ALearnerThatRanAwayStopsAndNeverWins()
    {
        var race = new Race(Learners(2), 10, 1e-4, drops: false);
        var notes = race.Judge([double.NaN, 0.5]);
        Assert.Contains("too high", notes[0], StringComparison.Ordinal);
        Assert.Equal([1], race.Learners.Select(learner => learner.Id));
        Assert.Equal(1, race.BestLearner.Id);
    }
}
