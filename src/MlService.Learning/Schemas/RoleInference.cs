using System.Collections.Frozen;

namespace MlService.Learning.Schemas;

/// <summary>Suggests which attribute identifies a row and which one is to be predicted.</summary>
internal static class RoleInference
{
    // Fewer rows are unique by chance.
    private const int FewestRowsForIds = 10;

    private const int MostClassesOfLastColumn = 20;

    private static readonly FrozenSet<string> TargetNames = FrozenSet.ToFrozenSet(
        ["y", "label", "labels", "target", "class", "outcome", "response"], StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> LikelyTargetNames = FrozenSet.ToFrozenSet(
        [
            "survived", "churn", "churned", "exited", "attrition", "fraud", "is_fraud", "isfraud", "spam", "is_spam", "species",
            "price", "saleprice", "sale_price", "diagnosis", "quality", "income", "clicked", "click", "converted", "sentiment",
            "rating", "result", "paid", "approved", "loan_status", "medv",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Column that identifies a row, or -1.</summary>
    public static int FindRowId(
        IReadOnlyList<string> names, IReadOnlyList<ColumnSample> columns, bool hasHeader, List<string> notes)
    {
        for (var index = 0; index < columns.Count; index++)
        {
            var column = columns[index];
            var isUnique = column.Count >= FewestRowsForIds && column.Empty == 0 && column.Distinct == column.Count
                && column.WordsPerValue == 1 && (column.Numbers == 0 || column.Integers == column.Count);
            if (!isUnique)
                continue;
            if (hasHeader && NamesIdentifier(names[index]))
            {
                notes.Add($"Row id: \"{names[index]}\", because of its name and because no value occurs twice.");
                return index;
            }
            // A running number has the name Var01 if the header leaves it out, or if there is none.
            if (index == 0 && column.CountsUp && column.Min is 0 or 1 && names[0].StartsWith("Var", StringComparison.Ordinal))
            {
                notes.Add($"Row id: \"{names[0]}\", because its values count the rows.");
                return 0;
            }
        }
        return -1;
    }

    /// <summary>Column to predict, or -1.</summary>
    public static int FindTarget(
        IReadOnlyList<AttributeReason> attributes, IReadOnlyList<ColumnSample> columns, int rowId, List<string> notes)
    {
        var last = attributes.Count - 1;
        var hasX = attributes.Any(attribute => attribute.Name is "x" or "X");
        bool CanBe(int index) => index != rowId && attributes[index].Type != AttributeType.Text && columns[index].Distinct > 1
            // Between x and z, y is a coordinate.
            && !(hasX && index < last && attributes[index].Name is ("y" or "Y"));
        foreach (var names in (FrozenSet<string>[])[TargetNames, LikelyTargetNames])
        {
            // The last of several, since targets stand at the end more often than anywhere else.
            for (var index = last; index >= 0; index--)
            {
                if (!CanBe(index) || !names.Contains(attributes[index].Name))
                    continue;
                notes.Add($"Target: \"{attributes[index].Name}\", because of its name.");
                return index;
            }
        }
        if (last > 0 && CanBe(last) && IsClasses(attributes[last].Type, columns[last]))
        {
            notes.Add($"Target: \"{attributes[last].Name}\", because it is the last column and has {columns[last].Distinct} "
                + "distinct values. Check it.");
            return last;
        }
        notes.Add("No attribute suggests itself as target; name one to train a model.");
        return -1;
    }

    /// <summary>Whether a name says that its values identify something: id, ID, user_id, PassengerId, caseNo.</summary>
    public static bool NamesIdentifier(string name)
    {
        var trimmed = name.Trim();
        var lower = trimmed.ToLowerInvariant();
        if (lower is "id" or "uuid" or "guid" or "key" or "index" or "idx"
            or "row" or "rowid" or "row_number" or "rownum" or "rownames")
            return true;
        string[] endings = ["_id", "-id", " id", ".id", "_no", "_key", "_uuid", "_number"];
        if (endings.Any(ending => lower.EndsWith(ending, StringComparison.Ordinal)))
            return true;
        return trimmed.Length > 2 && char.IsLower(trimmed[^3])
            && (trimmed.EndsWith("Id", StringComparison.Ordinal) || trimmed.EndsWith("ID", StringComparison.Ordinal)
                || trimmed.EndsWith("No", StringComparison.Ordinal));
    }

    private static bool IsClasses(AttributeType type, ColumnSample column) =>
        type == AttributeType.Binary
        || (type == AttributeType.Categorical && column.Distinct <= MostClassesOfLastColumn
            && column.Distinct * 5 <= column.Filled);
}
