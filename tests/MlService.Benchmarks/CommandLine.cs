using System.Globalization;
using System.Numerics;

namespace MlService.Benchmarks;

/// <summary>The caller's options cannot be used; the message says which and why.</summary>
internal sealed class CommandLineException(string message) : Exception(message);

/// <summary>Options of a command, written <c>--name value</c>.</summary>
internal sealed class CommandLine
{
    readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads <paramref name="options"/>: each a <paramref name="known"/> name, given once, and its value.</summary>
    public CommandLine(ReadOnlySpan<string> options, params ReadOnlySpan<string> known)
    {
        for (var i = 0; i < options.Length; i += 2)
        {
            var name = options[i];
            if (!known.Contains(name))
                throw new CommandLineException($"'{name}' is no option here; known are {string.Join(", ", known)}.");
            if (i + 1 == options.Length)
                throw new CommandLineException($"{name} lacks its value.");
            if (!_values.TryAdd(name, options[i + 1]))
                throw new CommandLineException($"{name} is given twice.");
        }
    }

    /// <summary>The text of an option that must be there.</summary>
    public string Text(string name) =>
        _values.GetValueOrDefault(name) ?? throw new CommandLineException($"{name} is needed.");

    /// <summary>The text of an option, or <paramref name="absent"/>.</summary>
    public string Text(string name, string absent) => _values.GetValueOrDefault(name) ?? absent;

    /// <summary>One of the named values of <typeparamref name="T"/>, in any case.</summary>
    public T Choice<T>(string name, T absent) where T : struct, Enum =>
        !_values.TryGetValue(name, out var text) ? absent
        : Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<T>(text, ignoreCase: true)
        : throw new CommandLineException($"{name} is '{text}', but must be one of {string.Join(", ", Enum.GetNames<T>())}.");

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public T Number<T>(string name, T absent, T least, T most) where T : INumber<T> =>
        !_values.TryGetValue(name, out var text) ? absent
        : T.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new CommandLineException($"{name} is '{text}', but must be a number from {least} to {most}.");
}
