using System.Security.Cryptography;
using System.Text;
using MlService.Learning.Models;

namespace MlService.Learning.Training;

/// <content>
/// The state between two passes, so that a training that was broken off goes on instead of beginning anew. In the frames of
/// a <see cref="ModelFile"/>: fingerprint of data and settings (32 bytes), log, validated loss (NaN for none), slope and offsets
/// of the calibration (NaN and none for none), whether it is trained, whether a race follows, and the race; then whether the final learner
/// follows, its number, rate, regularization, passes, next pass and state; then whether folds follow, and they.
/// </content>
internal sealed partial class Trainer
{
    // Goes up with each change of the form: a training that an older program began is then begun anew.
    private const int CheckpointVersion = 2;

    /// <summary>Whether <see cref="SaveCheckpoint"/> may be called: after <see cref="Merge"/>, between two passes.</summary>
    public bool IsBetweenPasses => _numbering is not null && _order is null && !_judges;

    /// <summary>Writes the state between two passes.</summary>
    /// <param name="stream">Stays open.</param>
    public void SaveCheckpoint(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!IsBetweenPasses)
            throw new InvalidOperationException("A checkpoint can be saved between two passes only.");
        using var content = ModelFile.Write(stream);
        using var buffered = new BufferedStream(content, 1 << 16);
        using var writer = new BinaryWriter(buffered, Encoding.UTF8);
        writer.Write(Fingerprint());
        LinearModel.WriteList(writer, _log.Entries, entry => LinearModel.WriteEntry(writer, entry));
        writer.Write(_validatedLoss ?? double.NaN);
        writer.Write(_scaling?.Slope ?? double.NaN);
        LinearModel.WriteList(writer, _scaling?.Offsets ?? [], writer.Write);
        writer.Write(_isTrained);
        writer.Write(_race is not null);
        _race?.Save(writer);
        writer.Write(_final is not null);
        if (_final is not null)
        {
            writer.Write(_final.Id);
            writer.Write(_final.Rate);
            _final.Regularization.Write(writer);
            writer.Write(_finalPasses);
            writer.Write(_finalPass);
            _final.Save(writer);
        }
        writer.Write(_folds is not null);
        _folds?.Save(writer);
    }

    /// <summary>
    /// Takes up the state of a training that was broken off. To be called after <see cref="Merge"/>, before the first pass, with the
    /// same data, setup and number of shards; then it ends with the very model that the other would have.
    /// </summary>
    /// <returns>False, and nothing is changed, if the state belongs to other data or settings.</returns>
    /// <exception cref="InvalidInputException">The bytes are damaged.</exception>
    public bool TryRestore(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!IsBetweenPasses)
            throw new InvalidOperationException("A checkpoint can be restored between Merge and the first pass only.");
        using var content = ModelFile.Read(stream);
        using var reader = new BinaryReader(content, Encoding.UTF8);
        try
        {
            if (!reader.ReadBytes(SHA256.HashSizeInBytes).AsSpan().SequenceEqual(Fingerprint()))
                return false;
            Restore(reader);
            if (content.ReadByte() >= 0)
                throw ModelFile.Damaged("something follows its end");
            return true;
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or DecoderFallbackException or ArgumentException or KeyNotFoundException)
        {
            throw ModelFile.Damaged("its content makes no sense", e);
        }
    }

    private void Restore(BinaryReader reader)
    {
        _log.Restore(LinearModel.ReadList(reader, TrainingLog.MaxEntries, () => LinearModel.ReadEntry(reader)));
        var validated = reader.ReadDouble();
        _validatedLoss = double.IsNaN(validated) ? null : validated;
        var slope = reader.ReadDouble();
        var offsets = LinearModel.ReadList(reader, _setup.Target.Outputs, reader.ReadDouble);
        _scaling = double.IsNaN(slope) ? null : new ScoreScaling(slope, offsets);
        if (_scaling is not null && offsets.Count != _setup.Target.Outputs)
            throw ModelFile.Damaged("its calibration is of another model");
        _isTrained = reader.ReadBoolean();
        if (reader.ReadBoolean())
            (_race ?? throw ModelFile.Damaged("it has a race where there is none")).Restore(reader, NewLearner);
        if (_race?.IsSecondHeat == true)
            _regularizations = [];
        if (reader.ReadBoolean())
        {
            var learner = NewLearner(reader.ReadInt32(), reader.ReadDouble(), Regularization.Read(reader));
            Repeat(learner, reader.ReadInt32());
            _finalPass = reader.ReadInt32();
            learner.Restore(reader);
        }
        if (reader.ReadBoolean())
            (_folds = StartFolds()).Restore(reader);
    }

    /// <summary>What must be the same for a state to fit: its form, the settings, and the features with their counts, which stand for the data.</summary>
    private byte[] Fingerprint()
    {
        using var sha = SHA256.Create();
        using (var hashing = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
        using (var writer = new BinaryWriter(hashing, Encoding.UTF8))
        {
            writer.Write(CheckpointVersion);
            writer.Write(_setup.Target.Name);
            foreach (var name in _setup.Target.Classes)
                writer.Write(name);
            foreach (var (key, value) in _setup.Parameters.ToDictionary())
            {
                writer.Write(key);
                writer.Write(value);
            }

            writer.Write(_learningShards);
            writer.Write(_work);
            writer.Write(_assembly!.Examples);
            _setup.Plan.Write(writer);
            _numbering!.Vocabulary.Write(writer);
        }

        return sha.Hash!;
    }
}
