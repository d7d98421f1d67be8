using MlService.Learning.Features;

namespace MlService.Learning.Models;

/// <summary>
/// What a training made, with all that it learned: a <see cref="LinearModel"/> or a <see cref="TreeModel"/>. Immutable, shared by threads.
/// </summary>
public abstract partial class LearnedModel : ScoringModel
{
    private long _sizeInBytes;

    private protected LearnedModel(ModelHead head, FeatureVocabulary vocabulary)
        : base(head) => Vocabulary = vocabulary;

    /// <summary>Features that have a part in it, their ids without gaps: numbers first, then tokens by falling frequency.</summary>
    internal FeatureVocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override int FeatureCount => Vocabulary.Count;

    /// <summary>Size of its file.</summary>
    public long SizeInBytes
    {
        get
        {
            if (_sizeInBytes == 0)
            {
                using var counter = new ByteCounter();
                Save(counter);
                _sizeInBytes = counter.Length;
            }
            return _sizeInBytes;
        }
    }

    /// <summary>
    /// What the model learned about each feature, largest magnitude first: of a linear model its weight, of a tree model its importance,
    /// which is its part of all that splits gained, 0 to 1.
    /// </summary>
    /// <param name="output">0, or the index of a class.</param>
    /// <param name="limit">Most features to give.</param>
    public abstract IReadOnlyList<FeatureWeight> Weights(int output = 0, int limit = int.MaxValue);

    internal string FeatureName(int id) => Plan.FeatureName(Vocabulary.Slot(id), Vocabulary.Token(id));

    private sealed class ByteCounter : Stream
    {
        private long _length;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => _length;
        public override long Position { get => _length; set => throw new NotSupportedException(); }
        public override void Write(byte[] buffer, int offset, int count) => _length += count;
        public override void Write(ReadOnlySpan<byte> buffer) => _length += buffer.Length;
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
