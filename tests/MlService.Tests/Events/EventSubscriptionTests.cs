using MlService.DataSources;
using MlService.Events;
using MlService.Metadata;

namespace MlService.Tests.Events;

public class EventSubscriptionTests
{
    private static readonly DateTime Start = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void ASlowListenerGetsTheLatestStateOfEachResourceInTheOrderOfTheChanges()
    {
        using var subscription = new EventSubscription(_ => true, _ => { });
        subscription.Offer(State("a", 1));
        subscription.Offer(State("b", 2));
        subscription.Offer(State("a", 3));
        Assert.Equal(["b2", "a3"], Taken(subscription));
        Assert.Empty(Taken(subscription));
    }

    [Fact]
    public void WhatAListenerKnowsAlreadyIsNoNews()
    {
        using var subscription = new EventSubscription(_ => true, _ => { });
        subscription.Know(State("a", 2).Row);
        subscription.Offer(State("a", 1));
        subscription.Offer(State("a", 2));
        Assert.Empty(Taken(subscription));
        subscription.Offer(State("a", 3));
        Assert.Equal(["a3"], Taken(subscription));
    }

    [Fact]
    public void WhatWasOfferedWhileAListenerWasToldOfItIsNotToldAgain()
    {
        using var subscription = new EventSubscription(_ => true, _ => { });
        subscription.Offer(State("a", 1));
        subscription.Offer(State("b", 3));
        subscription.Know(State("a", 1).Row);
        subscription.Know(State("b", 2).Row);
        Assert.Equal(["b3"], Taken(subscription));
    }

    [Fact]
    public async Task OnlyWhatIsOfInterestWakesAListener()
    {
        using var subscription = new EventSubscription(key => key.Id == "a", _ => { });
        var woken = subscription.Wait(TestContext.Current.CancellationToken);
        subscription.Offer(State("b", 1));
        Assert.False(woken.IsCompleted);
        subscription.Offer(State("a", 1));
        await woken;
        Assert.Equal(["a1"], Taken(subscription));
    }

    private static Tagged<Resource> State(string id, int second) =>
        new(new DataSource { Id = id, DataLocation = "s3://bank/data.csv", UpdatedAt = Start.AddSeconds(second) }, new Dictionary<string, string?>());

    private static IEnumerable<string> Taken(EventSubscription subscription) =>
        [.. subscription.Take().Select(resource => $"{resource.Row.Id}{resource.Row.UpdatedAt.Second}")];
}
