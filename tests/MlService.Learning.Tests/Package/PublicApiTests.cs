using System.Reflection;
using MlService.Learning.Trees;
using MlService.Tests;
using PublicApiGenerator;

namespace MlService.Learning.Tests.Package;

/// <summary>What users of the packages can name is what was approved: nothing is added or taken away unawares.</summary>
public class PublicApiTests
{
    [Fact]
    public void ThePublicApiOfTheEngineIsTheApprovedOne() => AssertApproved(typeof(CsvTrainer).Assembly);

    [Fact]
    public void ThePublicApiOfTheTreesIsTheApprovedOne() => AssertApproved(typeof(TreeTrainer).Assembly);

    private static void AssertApproved(Assembly assembly)
    {
        var actual = assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var approved = Repository.Path("tests", "MlService.Learning.Tests", "Package", $"{assembly.GetName().Name}.approved.txt");
        if (File.Exists(approved) && File.ReadAllText(approved) == actual)
            return;
        var received = Path.Combine(AppContext.BaseDirectory, Path.GetFileName(approved).Replace("approved", "received", StringComparison.Ordinal));
        File.WriteAllText(received, actual);
        Assert.Fail($"The public API is another than the approved one. Compare, and copy to approve it:\ndiff {approved} {received}\ncp {received} {approved}");
    }
}
