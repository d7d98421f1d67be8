using Amazon.Runtime;

namespace MlService.Storage;

/// <summary>The HTTP connections to one server, shared by the SDK's clients.</summary>
internal sealed class S3Connections : HttpClientFactory, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Connections are renewed now and then, so that a server that moves in DNS is found again.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>How long to wait for leave to send a body, for servers that never give it.</summary>
    private static readonly TimeSpan ContinueTimeout = TimeSpan.FromMilliseconds(350);

    private readonly HttpClient _client;

    /// <param name="timeout">Time for one try: connecting, sending, and the answer's head.</param>
    public S3Connections(TimeSpan timeout)
    {
        var sockets = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = Lifetime,
            Expect100ContinueTimeout = ContinueTimeout,
            AllowAutoRedirect = false,
            UseCookies = false,
        };
        _client = new HttpClient(new AskingFirst(sockets)) { Timeout = timeout };
    }

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public void Dispose() => _client.Dispose();

    /// <summary>
    /// Sends a body only after the server has agreed to the request (RFC 9110, section 10.1.1), which saves megabytes that would
    /// be refused. It also keeps apart what Ceph 16 mixes up: that one refuses without reading the body, and takes it for the
    /// next request of the connection. .NET sends small bodies after a refusal all the same, so they get a connection of their
    /// own; not over TLS, where connections are dear and mostly end at a proxy that knows better.
    /// </summary>
    private sealed class AskingFirst(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private const int SentAfterRefusal = 1024; // HttpConnection.Expect100ErrorSendThreshold in .NET's sources

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content?.Headers.ContentLength is > 0 and var length)
            {
                request.Headers.ExpectContinue = true;
                if (length <= SentAfterRefusal && request.RequestUri!.Scheme == Uri.UriSchemeHttp)
                    request.Headers.ConnectionClose = true;
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
