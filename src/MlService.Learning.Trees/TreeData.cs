using Microsoft.ML;
using Microsoft.ML.Data;
using MlService.Learning.Models;
using MlService.Learning.Training;

namespace MlService.Learning.Trees;

/// <summary>An example as trees see it.</summary>
/// <param name="Values">Its value in every column; of the enumeration, until the next example.</param>
/// <param name="Label">Its label: 0 or 1, the index of the class, or the standardized number.</param>
/// <param name="Weight">How much it counts.</param>
internal readonly record struct DenseExample(float[] Values, float Label, float Weight);

/// <summary>Encoded examples as a table for Microsoft.ML. A column is a feature that is in enough examples to split them.</summary>
internal sealed class TreeData
{
    private const int NoColumn = -1;

    private readonly IReadOnlyList<ExampleStore> _stores;
    private readonly int[] _columnOf;
    private readonly ModelType _type;
    private readonly ulong _seed;

    public TreeData(Trainer trainer, TrainingShard shard)
    {
        var numbering = trainer.Numbering;
        var vocabulary = numbering.Vocabulary;
        var least = trainer.Setup.Parameters.MinExamplesPerLeaf;
        _type = trainer.Setup.Target.Type;
        _seed = (ulong)trainer.Setup.Parameters.Seed;
        _stores = shard.Stores;
        Columns = [.. Enumerable.Range(0, vocabulary.Count)
            .Where(id => numbering.Numbers.ContainsKey(id) || vocabulary.Occurrences(id) >= least)];
        _columnOf = new int[vocabulary.Count];
        Array.Fill(_columnOf, NoColumn);
        for (var column = 0; column < Columns.Length; column++)
            _columnOf[Columns[column]] = column;
    }

    /// <summary>By column: the feature's id in the numbering.</summary>
    public int[] Columns { get; }

    /// <summary>Whether a number is learned, and not a class.</summary>
    public bool IsNumber => _type == ModelType.Regression;

    /// <summary>Feature values of all examples together.</summary>
    public long Occurrences => _stores.Sum(store => store.Occurrences);

    /// <summary>The table.</summary>
    /// <param name="context">Reads it.</param>
    /// <param name="output">The class that counts as true, where there are several.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <param name="without">The examples to leave out.</param>
    public IDataView View(MLContext context, int output, CancellationToken cancellation, Fold without = default)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Columns.Length);
        return context.Data.LoadFromEnumerable(Rows(_type == ModelType.Multiclass ? output : 1, row => !without.HoldsOut(_seed, row), cancellation), schema);
    }

    /// <summary>Whether the examples without some hold both a class and others.</summary>
    public bool CanLearn(int output, Fold without)
    {
        if (IsNumber)
            return true;
        var labels = Rows(_type == ModelType.Multiclass ? output : 1, row => !without.HoldsOut(_seed, row), CancellationToken.None).Select(row => row.Label);
        return labels.Distinct().Count() == 2;
    }

    /// <summary>The examples one by one.</summary>
    /// <param name="only">The fold that they are of; by default all.</param>
    public IEnumerable<DenseExample> Dense(Fold only = default)
    {
        var values = new float[Columns.Length];
        foreach (var row in Rows(0, row => only.Count == 0 || only.HoldsOut(_seed, row), CancellationToken.None))
        {
            row.Features.CopyTo(values);
            yield return new(values, row.Value, row.Weight);
        }
    }

    private IEnumerable<Row> Rows(int trueLabel, Func<long, bool> isWanted, CancellationToken cancellation)
    {
        var buffer = new ExampleBlock();
        foreach (var stored in _stores.SelectMany(store => store.Blocks(..)))
        {
            cancellation.ThrowIfCancellationRequested();
            var block = stored.Read(buffer);
            for (var row = 0; row < block.Rows; row++)
                if (isWanted(stored.FirstRow + row))
                    yield return new Row
                    {
                        Features = Features(block, row),
                        Label = (int)block.LabelOf(row) == trueLabel,
                        Value = block.LabelOf(row),
                        Weight = block.WeightOf(row),
                    };
        }
    }

    private VBuffer<float> Features(ExampleBlock block, int row)
    {
        var tokens = block.Tokens(row);
        var numbers = block.Numbers(row);
        var given = block.Values(row);
        var columns = new int[tokens.Length + numbers.Length];
        var values = new float[columns.Length];
        var count = 0;
        for (var i = 0; i < columns.Length; i++)
        {
            var isToken = i < tokens.Length;
            var column = _columnOf[isToken ? tokens[i] : numbers[i - tokens.Length]];
            if (column == NoColumn)
                continue;
            columns[count] = column;
            values[count++] = isToken ? 1 : given[i - tokens.Length];
        }
        Array.Sort(columns, values, 0, count);
        return new VBuffer<float>(Columns.Length, count, values, columns);
    }

    /// <summary>A row of the table.</summary>
    internal sealed class Row
    {
        public VBuffer<float> Features { get; set; }

        public bool Label { get; set; }

        public float Value { get; set; }

        public float Weight { get; set; }
    }
}
