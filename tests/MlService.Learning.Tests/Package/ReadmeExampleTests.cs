using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MlService.Learning.Models;
using MlService.Learning.Tests.Training;
using MlService.Tests;

namespace MlService.Learning.Tests.Package;

/// <summary>The examples of the packages' readmes, compiled and run as they stand there.</summary>
public sealed partial class ReadmeExampleTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mlservice-readme-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void TheExampleOfTheEngineTrainsScoresExplainsAndSaves()
    {
        var lines = Run("MlService.Learning");
        Assert.Matches(@"^Subscribes with probability 0\.\d{3}, because of$", lines[0]);
        Assert.Equal(4, lines.Length);
        Assert.All(lines.Skip(1), line => Assert.Matches(@"^.+: [+-]\d+\.\d\d$", line));
        // The data below says yes to long calls.
        Assert.True(double.Parse(lines[0].Split(' ', ',')[3], System.Globalization.CultureInfo.InvariantCulture) > 0.8, lines[0]);
        using var file = File.OpenRead(Path.Combine(_directory.FullName, "subscribes.model"));
        Assert.Equal("y", LearnedModel.Load(file).Target.Name);
    }

    [Fact]
    public void TheExampleOfTheTreesTellsWhatMatters()
    {
        var lines = Run("MlService.Learning.Trees");
        Assert.Matches("^duration: (0\\.9|1\\.0)", lines[0]);
    }

    private string[] Run(string package)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "banking.csv"), "age,duration,poutcome,y\n" + TrainingHarness.Csv(3000, i =>
            $"{20 + i * 7 % 50},{i * 31 % 900},{(i % 3 == 0 ? "success" : "failure")},{(i * 31 % 900 > 500 != (i % 29 == 0) ? "yes" : "no")}"));
        // Beside the packages' libraries, managed and native, where the runtime looks for them.
        var program = Path.Combine(AppContext.BaseDirectory, $"{package}.Example.dll");
        Compile(CodeBlock().Match(File.ReadAllText(Repository.Path("src", package, "README.md"))).Groups[1].Value, program);
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", "--runtimeconfig", RuntimeConfig(), program])
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" },
        })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{output}\n{errors.Result}");
        return output.TrimEnd().Split('\n');
    }

    private static void Compile(string code, string program)
    {
        const string ImplicitUsings = "global using System; global using System.IO; global using System.Linq; global using System.Collections.Generic;";
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        var result = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(program), [CSharpSyntaxTree.ParseText(ImplicitUsings, options), CSharpSyntaxTree.ParseText(code, options)], references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)).Emit(program);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
    }

    private static string RuntimeConfig() => Path.Combine(AppContext.BaseDirectory, "MlService.Learning.Tests.runtimeconfig.json");

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
