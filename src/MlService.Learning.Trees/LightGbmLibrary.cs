using System.Runtime.InteropServices;

namespace MlService.Learning.Trees;

/// <summary>LightGBM's native library, which needs one of the system that not every machine has.</summary>
internal static class LightGbmLibrary
{
    private const string Name = "lib_lightgbm";

    /// <summary>Loads the library, which then stays.</summary>
    /// <exception cref="InvalidInputException">It cannot be loaded; the message says what to install.</exception>
    public static void Require()
    {
        try
        {
            NativeLibrary.Load(Name, typeof(Microsoft.ML.LightGbmExtensions).Assembly, null);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new InvalidInputException(
                "algorithm lightGbm cannot be used on this machine: its native library does not load. It is there for x64 and needs GNU OpenMP: "
                + "install libgomp1 (Debian, Ubuntu) or libgomp, or choose algorithm fastTree or sgd.", exception);
        }
    }
}
