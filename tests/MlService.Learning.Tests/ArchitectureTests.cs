namespace MlService.Learning.Tests;

public class ArchitectureTests
{
    [Fact]
    public void TheEngineUsesOnlyTheFrameworkAndProtobuf()
    {
        var strangers = typeof(InvalidInputException).Assembly.GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !name.StartsWith("System", StringComparison.Ordinal)
                && name is not ("netstandard" or "Google.Protobuf"));
        Assert.Empty(strangers);
    }
}
