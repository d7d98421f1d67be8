using MlService.Learning;

namespace MlService.Storage;

/// <summary>Settings of the data directory, section <c>Data</c>.</summary>
public sealed class DataOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Data";

    /// <summary>Where metadata and objects lie unless they lie on servers, and jobs keep their scratch files; one process at a time.</summary>
    public string Directory { get; set; } = "data";

    /// <summary>
    /// Bytes that uploads, results and scratch files leave free on the directory's disk, so that the metadata can still be written. What
    /// would need them is refused with 507, before it is written where its size is known.
    /// </summary>
    public long ReserveBytes { get; set; } = 64L << 20;

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="InvalidInputException">A setting cannot be used.</exception>
    public static DataOptions Read(IConfiguration configuration)
    {
        try
        {
            var options = configuration.GetSection(Section).Get<DataOptions>() ?? new DataOptions();
            return options.ReserveBytes >= 0
                ? options
                : throw new InvalidInputException($"Data:ReserveBytes is {options.ReserveBytes}. Give a number of bytes, 0 or more.");
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidInputException($"{exception.Message} Data:ReserveBytes is a number of bytes.", exception);
        }
    }
}
