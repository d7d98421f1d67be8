using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(MlService.Tests.LongestFirst))]

namespace MlService.Tests;

/// <summary>Begins with the classes that take longest, so that the run does not end with one of them alone; the others come in any order.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        nameof(Chaos.ChaosTests), nameof(Amazon.ClientTests), nameof(Jobs.KillTests), nameof(Cluster.ClusterTests), nameof(Cluster.SpreadTests),
        nameof(Storage.S3ObjectStoreTests), nameof(Storage.S3ServiceTests), nameof(Jobs.OutageTests), nameof(Jobs.ShutdownTests),
        nameof(Readme.ReadmeTests), nameof(Readme.TutorialCommandTests), nameof(Databases.QueryTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => (uint)Array.FindIndex(Longest, name => collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal)))];
}
