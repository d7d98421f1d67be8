using MlService.Access;

namespace MlService.Tests.Access;

/// <summary>Signatures as requests carry them, from whole to broken.</summary>
public sealed class PresentedSignatureTests
{
    private const string Secret = "secret";
    private static readonly DateTime Now = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(-15 * 60, true)]
    [InlineData(-15 * 60 - 1, false)]
    [InlineData(5 * 60, true)]
    [InlineData(5 * 60 + 1, false)]
    public void AClockMayBeFifteenMinutesBehindAndFiveAhead(int seconds, bool isGood)
    {
        var signature = PresentedSignature.Read(Signed(Now.AddSeconds(seconds)));
        if (isGood)
            signature.Check(Now);
        else
            Assert.Contains("clock", Refusal(() => signature.Check(Now), KeyFault.Mismatch), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(1, 2, false)]
    [InlineData(604_800, 604_800, true)]
    [InlineData(604_800, 604_801, false)]
    public void ALinkIsGoodForAsLongAsItSays(int lifetime, int later, bool isGood)
    {
        var signature = PresentedSignature.Read(Link($"X-Amz-Expires={lifetime}"));
        if (isGood)
            signature.Check(Now.AddSeconds(later));
        else
            Refusal(() => signature.Check(Now.AddSeconds(later)), KeyFault.Mismatch);
    }

    [Theory]
    [InlineData("X-Amz-Expires=0")]
    [InlineData("X-Amz-Expires=604801")]
    [InlineData("X-Amz-Expires=soon")]
    [InlineData("X-Amz-Expires=")]
    public void ALinksLifetimeIsAtMostSevenDays(string expires) => Refusal(() => PresentedSignature.Read(Link(expires)), KeyFault.Incomplete);

    [Theory]
    [InlineData("AWS4-HMAC-SHA256", "algorithm")]
    [InlineData("AWS4-HMAC-SHA256 ", "Credential")]
    [InlineData("AWS4-HMAC-SHA256 Credential=K/20260131/r/s/aws4_request, SignedHeaders=host", "Signature")]
    [InlineData("AWS4-HMAC-SHA256 Credential=K/20260131/r/s/aws4_request, Signature=aa", "SignedHeaders")]
    [InlineData("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=aa", "Credential")]
    [InlineData("AWS4-HMAC-SHA256 Credential=, SignedHeaders=host, Signature=aa", "Credential")]
    [InlineData("AWS4-HMAC-SHA256 Credential=K/20260131/r/s, SignedHeaders=host, Signature=aa", "Credential")]
    [InlineData("AWS4-HMAC-SHA256 Credential=K/20260131/r/s/aws3_request, SignedHeaders=host, Signature=aa", "Credential")]
    [InlineData("AWS4-ECDSA-P256-SHA256 Credential=K/20260131/r/s/aws4_request, SignedHeaders=host, Signature=aa", "AWS4-HMAC-SHA256")]
    public void WhatIsNotWholeIsIncompleteAndSaysWhatIsMissing(string authorization, string missing)
    {
        var request = Signed(Now) with { Header = name => name == "authorization" ? authorization : "20260131T120000Z" };
        Assert.Contains(missing, Refusal(() => PresentedSignature.Read(request), KeyFault.Incomplete), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2026-01-31T12:00:00Z")]
    [InlineData("yesterday")]
    public void WithoutATimeItIsIncomplete(string? time)
    {
        var request = Signed(Now);
        Refusal(() => PresentedSignature.Read(request with { Header = name => name == "x-amz-date" ? time : request.Header(name) }), KeyFault.Incomplete);
    }

    [Theory]
    [InlineData("x-amz-date", "host")]
    [InlineData("host;x-amz-date", "x-amz-target")]
    public void HostAndOperationMustBeSigned(string headers, string missing) =>
        Assert.Contains(missing, Refusal(() => PresentedSignature.Read(Signed(Now, headers)).Check(Now), KeyFault.Mismatch), StringComparison.Ordinal);

    [Fact]
    public void TheDayOfTheScopeIsTheDayOfTheTime()
    {
        var request = Signed(Now);
        var moved = request with { Header = name => name == "x-amz-date" ? "20260130T120000Z" : request.Header(name) };
        Refusal(() => PresentedSignature.Read(moved).Check(Now), KeyFault.Mismatch);
    }

    [Theory]
    [InlineData("UNSIGNED-PAYLOAD")]
    [InlineData("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")]
    [InlineData("STREAMING-UNSIGNED-PAYLOAD-TRAILER")]
    public void ABodyThatIsNotSignedAsAWholeIsRefused(string hash)
    {
        var request = Signed(Now);
        var unsigned = request with { Header = name => name == "x-amz-content-sha256" ? hash : request.Header(name) };
        Assert.Contains("body", Refusal(() => PresentedSignature.Read(unsigned).Check(Now), KeyFault.Mismatch), StringComparison.Ordinal);
    }

    [Fact]
    public void ThePortOfTheSchemeNeedNotBeSigned()
    {
        var request = Signed(Now, host: "ml.example.com");
        Assert.True(PresentedSignature.Read(WithHost("ml.example.com:443")).IsOf(Secret, "body"u8));
        Assert.True(PresentedSignature.Read(WithHost("ml.example.com:80")).IsOf(Secret, "body"u8));
        Assert.False(PresentedSignature.Read(WithHost("ml.example.com:5080")).IsOf(Secret, "body"u8));
        Assert.False(PresentedSignature.Read(WithHost("other.example.com")).IsOf(Secret, "body"u8));

        SignedRequest WithHost(string host) => request with { Header = name => name == "host" ? host : request.Header(name) };
    }

    [Fact]
    public void WhateverIsChangedTheSignatureIsNoLongerGood()
    {
        var request = Signed(Now);
        Assert.True(PresentedSignature.Read(request).IsOf(Secret, "body"u8));
        Assert.False(PresentedSignature.Read(request).IsOf("secreT", "body"u8));
        Assert.False(PresentedSignature.Read(request).IsOf(Secret, "bodY"u8));
        Assert.False(PresentedSignature.Read(request).IsOf(Secret, ""u8));
        Assert.All(
            (SignedRequest[])[request with { Method = "PUT" }, request with { Path = "/x" }, request with { Query = "a=1" }, With("x-amz-target", "b"), With("x-amz-date", "20260131T120001Z")],
            changed => Assert.False(PresentedSignature.Read(changed).IsOf(Secret, "body"u8)));

        SignedRequest With(string header, string value) => request with { Header = name => name == header ? value : request.Header(name) };
    }

    private static string Refusal(Action act, KeyFault fault)
    {
        var refusal = Assert.Throws<KeyRefusedException>(act);
        Assert.Equal(fault, refusal.Fault);
        return refusal.Message;
    }

    /// <summary>A request with the body <c>body</c>, signed as a client would.</summary>
    private static SignedRequest Signed(DateTime time, string headers = "host;x-amz-date;x-amz-target", string host = "localhost:5080")
    {
        var text = PresentedSignature.Text(time);
        var scope = new CredentialScope(text[..8], "us-east-1", "machinelearning");
        Dictionary<string, string> sent = new() { ["host"] = host, ["x-amz-date"] = text, ["x-amz-target"] = "a" };
        var request = new SignedRequest("POST", "/", "", name => sent.GetValueOrDefault(name));
        var value = new SignatureV4(scope, text, headers.Split(';')).Compute(Secret, request, host, "body"u8);
        // As older clients write it, without blanks.
        sent["authorization"] = $"AWS4-HMAC-SHA256 Credential=K/{scope},SignedHeaders={headers},Signature={value}";
        return request;
    }

    private static SignedRequest Link(string expires) => new(
        "GET", "/", $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=K%2F20260131%2Fr%2Fs%2Faws4_request&X-Amz-Date=20260131T120000Z&{expires}"
        + $"&X-Amz-SignedHeaders=host&X-Amz-Signature={new string('a', 64)}", name => name == "host" ? "localhost" : null);
}
