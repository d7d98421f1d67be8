using System.Net;
using MlService.Learning;

namespace MlService.Access;

/// <summary>What is this machine alone: the addresses that local mode listens on and answers to.</summary>
public static class LoopbackOnly
{
    /// <summary>Where the service listens when nothing is configured.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>Every address that Kestrel will be told to listen on, with the setting it comes from.</summary>
    public static IEnumerable<(string Setting, string Url)> Configured(IConfiguration configuration, IEnumerable<string> urls)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren()
            .Select(endpoint => ($"{endpoint.Path}:Url", endpoint["Url"] ?? ""));
        return endpoints
            .Concat(Split(configuration["urls"]).Select(url => ("urls", url)))
            .Concat(Split(configuration["http_ports"]).Select(port => ("http_ports", $"http://*:{port}")))
            .Concat(Split(configuration["https_ports"]).Select(port => ("https_ports", $"https://*:{port}")))
            .Concat(urls.Select(url => ("app.Urls", url)))
            .ToList();
    }

    /// <summary>Refuses addresses that other machines could reach.</summary>
    /// <exception cref="InvalidInputException">One is not loopback; the message names it and its setting.</exception>
    public static void Verify(IConfiguration configuration, IEnumerable<string> urls)
    {
        foreach (var (setting, url) in Configured(configuration, urls))
        {
            if (!IsLoopbackUrl(url))
                throw new InvalidInputException(
                    $"'{url}' (from {setting}) can be reached from other machines, and in Access:Mode Local there are no keys. "
                    + $"Listen on a loopback address, such as {DefaultUrl}: dotnet run -- --urls {DefaultUrl}");
        }
    }

    /// <summary>Whether a URL to listen on is loopback. Kestrel takes every host name but localhost for all addresses.</summary>
    public static bool IsLoopbackUrl(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.IsUnixPipe || address.IsNamedPipe || IsLoopbackHost(address.Host);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether a host, as a Host header or URL spells it, is this machine: localhost, 127.0.0.0/8 in four decimal numbers, [::1].
    /// Other spellings (127.1, 0x7f000001, localhost., x.localhost) are refused: browsers and resolvers disagree on them.
    /// </summary>
    public static bool IsLoopbackHost(string host)
    {
        if (host is "127.0.0.1" or "[::1]" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        return host.StartsWith("127.", StringComparison.Ordinal) && IPAddress.TryParse(host, out var address)
            && address.ToString() == host;
    }

    private static string[] Split(string? setting) =>
        setting?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
