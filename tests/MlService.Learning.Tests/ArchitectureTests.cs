namespace MlService.Learning.Tests;

public class ArchitectureTests
{
    [Fact]
    public void TheEngineUsesOnlyTheFrameworkMicrosoftMlAndProtobuf()
    {
        var strangers = typeof(InvalidInputException).Assembly.GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !name.StartsWith("System", StringComparison.Ordinal)
                && !name.StartsWith("Microsoft.ML", StringComparison.Ordinal) && name is not ("netstandard" or "Google.Protobuf"));
        Assert.Empty(strangers);
    }
}
