using System.Buffers;
using MlService.Learning;
using Microsoft.Win32.SafeHandles;

namespace MlService.Storage;

/// <summary>A file in the making, outside of all buckets. It vanishes on disposal unless it was moved to its place.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private const int BufferBytes = 256 * 1024;
    private const long BytesBetweenSpaceChecks = 64L * 1024 * 1024;

    private readonly SafeFileHandle _file;
    private readonly DiskSpace _space;
    private long _length;

    private TemporaryFile(string path, SafeFileHandle file, DiskSpace space)
    {
        FilePath = path;
        _file = file;
        _space = space;
    }

    public string FilePath { get; }

    public static TemporaryFile Create(string directory, DiskSpace space)
    {
        var path = Path.Combine(directory, Guid.NewGuid().ToString("N"));
        return new TemporaryFile(
            path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete), space);
    }

    /// <summary>Appends all that a stream yields.</summary>
    /// <param name="content">The stream.</param>
    /// <param name="length">How long it is, where known; another length is an error.</param>
    public async Task Append(Stream content, long? length, CancellationToken cancellationToken)
    {
        if (length is { } announced)
            _space.Require(announced);
        var begin = _length;
        var nextCheck = _length;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (true)
            {
                if (_length >= nextCheck)
                {
                    _space.Require(0);
                    nextCheck += BytesBetweenSpaceChecks;
                }
                var read = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
                await RandomAccess.WriteAsync(_file, buffer.AsMemory(0, read), _length, cancellationToken);
                _length += read;
                if (read < buffer.Length)
                    break;
            }
        }
        catch (IOException exception) when (DiskSpace.IsExhausted(exception))
        {
            throw new StorageFullException(
                $"The disk of Data:Directory became full while the object was written. {DiskSpace.Remedy}", exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        if (length is { } expected && _length - begin != expected)
            throw new InvalidInputException(
                $"The content ended after {_length - begin} bytes and {expected} were announced. Send it again.");
    }

    /// <summary>Stamps the file with its moment and brings it to the disk; after this it may be moved to its place.</summary>
    public async Task<ObjectInfo> Seal(ObjectUri uri, DateTime moment, Durability durability, CancellationToken cancellationToken)
    {
        File.SetLastWriteTimeUtc(_file, moment);
        await durability.FlushFile(_file, cancellationToken);
        return ObjectVersion.Describe(uri, _file); // as the file system keeps it, which may round the time
    }

    public void Dispose()
    {
        _file.Dispose();
        File.Delete(FilePath);
    }
}
