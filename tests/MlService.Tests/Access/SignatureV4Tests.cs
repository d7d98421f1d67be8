using System.Text;
using MlService.Access;

namespace MlService.Tests.Access;

/// <summary>Signatures against those that AWS publishes.</summary>
public sealed class SignatureV4Tests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private const string Now = "20150830T123600Z";

    // From aws-sig-v4-test-suite (AWS): get-vanilla, post-vanilla, get-relative, get-slashes, get-vanilla-query-order-key-case, get-header-value-trim,
    // post-x-www-form-urlencoded.
    [Theory]
    [InlineData("GET", "/", "", "host;x-amz-date", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "/", "", "host;x-amz-date", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "/example/..", "", "host;x-amz-date", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("GET", "/./", "", "host;x-amz-date", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("GET", "//", "", "host;x-amz-date", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("GET", "/", "Param2=value2&Param1=value1", "host;x-amz-date", "", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("GET", "/", "", "host;my-header1;my-header2;x-amz-date", "", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")]
    [InlineData("POST", "/", "", "content-type;host;x-amz-date", "Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")]
    public void TheSignatureIsTheOneOfAwssTestSuite(string method, string path, string query, string headers, string body, string expected) =>
        Assert.Equal(expected, Compute("service", "example.amazonaws.com", new SignedRequest(method, path, query, Header("application/x-www-form-urlencoded")), headers, body));

    /// <summary>The example of the IAM User Guide, "Elements of an AWS API request signature".</summary>
    [Fact]
    public void TheSignatureIsTheOneOfAwssGuide() => Assert.Equal(
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        Compute("iam", "iam.amazonaws.com",
            new SignedRequest("GET", "/", "Action=ListUsers&Version=2010-05-08", Header("application/x-www-form-urlencoded; charset=utf-8")),
            "content-type;host;x-amz-date", ""));

    private static string Compute(string service, string host, SignedRequest request, string headers, string body) =>
        new SignatureV4(new CredentialScope("20150830", "us-east-1", service), Now, headers.Split(';'))
            .Compute(Secret, request, host, Encoding.UTF8.GetBytes(body));

    private static Func<string, string?> Header(string contentType) => name => name switch
    {
        "x-amz-date" => Now,
        "content-type" => contentType,
        "my-header1" => " value1",
        "my-header2" => " \"a   b   c\"",
        _ => null,
    };
}
