using MlService.Access;
using MlService.Learning;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.Tests.Access;

public sealed class ResourceLimitsTests
{
    [Theory]
    [InlineData("models/a", "a", true)]
    [InlineData("models/a", "ab", false)]
    [InlineData("models/a*", "ab", true)]
    [InlineData("models/a*", "a", true)]
    [InlineData("models/a*", "b", false)]
    [InlineData("models/*", "b", true)]
    [InlineData("evaluations/a", "a", false)]
    [InlineData("s3://bucket/", "a", false)]
    public void AModelIsWithinReachIfItsIdIsNamed(string pattern, string id, bool isAllowed) =>
        Assert.Equal(isAllowed, ResourceLimits.Parse([pattern]).Allow(new ResourceKey(ResourceKind.Model, id)));

    [Theory]
    [InlineData("s3://bucket/a.csv", "s3://bucket/a.csv", true)]
    [InlineData("s3://bucket/a.csv", "s3://bucket/a.csv.gz", false)]
    [InlineData("s3://bucket/a", "s3://bucket/a/b", false)]
    [InlineData("s3://bucket/a/", "s3://bucket/a/b", true)]
    [InlineData("s3://bucket/a/", "s3://bucket/a/", true)]
    [InlineData("s3://bucket/a/", "s3://bucket/ab", false)]
    [InlineData("s3://bucket", "s3://bucket/ab", true)]
    [InlineData("s3://bucket", "s3://bucket2/ab", false)]
    [InlineData("models/*", "s3://bucket/ab", false)]
    public void AnObjectIsWithinReachIfItOrAPrefixIsNamed(string pattern, string uri, bool isAllowed) =>
        Assert.Equal(isAllowed, ResourceLimits.Parse([pattern]).Objects.Covers(ObjectUri.Parse(uri)));

    [Fact]
    public void WithoutPatternsEverythingIsWithinReachAndWithOneOnlyThat()
    {
        Assert.True(ResourceLimits.None.Allow(new ResourceKey(ResourceKind.Model, "a")));
        Assert.True(ResourceLimits.None.Objects.Touches("any", ""));
        Assert.False(ResourceLimits.Parse(["models/a"]).Objects.Touches("any", ""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("models")]
    [InlineData("models/")]
    [InlineData("models/a b")]
    [InlineData("models/a*b")]
    [InlineData("models/**")]
    [InlineData("Models/a")]
    [InlineData("models/a\nmodels/b")]
    [InlineData("s3://bucket/a\nmodels/*")]
    [InlineData("s3://B/a")]
    [InlineData("http://bucket/a")]
    public void WhatIsNoPatternIsRefused(string pattern) =>
        Assert.Throws<InvalidInputException>(() => ResourceLimits.Parse([pattern]));

    [Fact]
    public void PatternsAreKeptAsTheyCame()
    {
        string[] patterns = ["models/a*", "s3://bucket/ü x/", "batch-predictions/b"];
        Assert.Equal(patterns, ResourceLimits.FromText(ResourceLimits.Parse(patterns).ToText()).Patterns);
        Assert.False(ResourceLimits.FromText("").Exist);
        Assert.Throws<InvalidInputException>(() => ResourceLimits.Parse([.. Enumerable.Repeat("models/a", 101)]));
    }
}
