using MlService.Learning.Onnx;
using MlService.Metadata;
using MlService.Storage;

namespace MlService.Models;

/// <summary>Trained models as ONNX files, made when they are asked for.</summary>
public sealed class OnnxFile(ModelCatalog catalog, TrainedModels models, DataDirectory directory)
{
    /// <summary>Writes a model's file into scratch space and opens it; it vanishes when it is closed.</summary>
    /// <exception cref="Problems.ProblemException">There is no such model, it is not completed, or does what ONNX has no operators for.</exception>
    public async Task<Stream> Create(string id, CancellationToken cancellation)
    {
        var row = (await catalog.Get(id, cancellation)).Row;
        if (row.Status != ResourceStatus.Completed)
            throw ResourceProblems.Conflict($"The model {id} is {row.Status.ToText()}; it can be exported once it is COMPLETED.");
        var model = await models.GetWhole(row);
        // About as large as the model's own file.
        directory.RequireScratch(2 * row.SizeInBytes ?? 0);
        var file = new FileStream(
            Path.Combine(directory.Scratch, $"onnx-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 128 << 10,
            FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        try
        {
            await Task.Run(
                () => ResourceProblems.Read("format", file, stream =>
                {
                    OnnxExport.Write(model, stream, row.ScoreThreshold);
                    return stream.Position = 0;
                }), cancellation);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }
}
