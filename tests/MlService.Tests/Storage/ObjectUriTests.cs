using MlService.Learning;
using MlService.Storage;

namespace MlService.Tests.Storage;

public class ObjectUriTests
{
    [Theory]
    [InlineData("s3://bucket/key", "bucket", "key", false)]
    [InlineData("s3://bucket/dir/", "bucket", "dir/", true)]
    [InlineData("s3://bucket/", "bucket", "", true)]
    [InlineData("s3://bucket", "bucket", "", true)]
    [InlineData("s3://my.bucket-1//a%2F b?c#d", "my.bucket-1", "/a%2F b?c#d", false)]
    public void ALocationIsABucketAndALiteralKey(string text, string bucket, string key, bool isPrefix)
    {
        var uri = ObjectUri.Parse(text);
        Assert.Equal(new ObjectUri(bucket, key), uri);
        Assert.Equal(isPrefix, uri.IsPrefix);
        Assert.Equal(uri, ObjectUri.Parse(uri.ToString()));
        Assert.True(ObjectUri.TryParse(text, out var tried));
        Assert.Equal(uri, tried);
    }

    [Theory]
    [InlineData("", "s3://bucket/key")]
    [InlineData("bucket/key", "s3://bucket/key")]
    [InlineData("S3://bucket/key", "s3://bucket/key")]
    [InlineData("http://bucket/key", "s3://bucket/key")]
    [InlineData("s3:///key", "3 to 63")]
    [InlineData("s3://Bucket/key", "lower-case")]
    [InlineData("s3://ab/key", "3 to 63")]
    [InlineData("s3://-ab/key", "begins and ends")]
    [InlineData("s3://a..b/key", "two dots")]
    [InlineData("s3://192.168.1.1/key", "IP address")]
    [InlineData("s3://xn--abc/key", "xn--")]
    [InlineData("s3://bucket\n/key", "lower-case")]
    public void WhatIsNoLocationIsExplained(string text, string named)
    {
        var error = Assert.Throws<InvalidInputException>(() => ObjectUri.Parse(text));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.False(ObjectUri.TryParse(text, out _));
    }

    [Fact]
    public void ALocationAndItsKeyHaveALongestLength()
    {
        Assert.Equal(1024, ObjectUri.Parse("s3://bucket/" + new string('k', 1024)).Key.Length);
        Assert.Contains("1025 bytes", Error(1025), StringComparison.Ordinal);
        Assert.Contains("2049 characters", Error(2049 - "s3://bucket/".Length), StringComparison.Ordinal);
        static string Error(int length) =>
            Assert.Throws<InvalidInputException>(() => ObjectUri.Parse("s3://bucket/" + new string('k', length))).Message;
    }

    [Theory]
    [InlineData("s3://bucket", "s3://bucket/x.csv")]
    [InlineData("s3://bucket/dir/", "s3://bucket/dir/x.csv")]
    [InlineData("s3://bucket/dir", "s3://bucket/dir/x.csv")]
    public void AChildLiesBelow(string parent, string child) =>
        Assert.Equal(child, ObjectUri.Parse(parent).Child("x.csv").ToString());
}
