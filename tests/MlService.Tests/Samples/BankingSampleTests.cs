using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MlService.Samples;

namespace MlService.Tests.Samples;

public class BankingSampleTests
{
    static readonly string[][] LabelledRows = Rows(BankingSample.Labelled);
    static readonly string[][] BatchRows = Rows(BankingSample.Batch);

    static readonly Dictionary<string, string[]> Categories = new()
    {
        ["job"] = ["admin.", "blue-collar", "entrepreneur", "housemaid", "management", "retired", "self-employed", "services",
            "student", "technician", "unemployed", "unknown"],
        ["marital"] = ["divorced", "married", "single", "unknown"],
        ["education"] = ["basic.4y", "basic.6y", "basic.9y", "high.school", "illiterate", "professional.course",
            "university.degree", "unknown"],
        ["default"] = ["no", "unknown", "yes"],
        ["housing"] = ["no", "unknown", "yes"],
        ["loan"] = ["no", "unknown", "yes"],
        ["contact"] = ["cellular", "telephone"],
        ["month"] = ["apr", "aug", "dec", "jul", "jun", "mar", "may", "nov", "oct", "sep"],
        ["day_of_week"] = ["fri", "mon", "thu", "tue", "wed"],
        ["poutcome"] = ["failure", "nonexistent", "success"],
    };

    // Golden hashes: they pin that neither a platform nor a .NET version changes a byte. Whoever changes the generator on
    // purpose measures a model on it anew (the documentation quotes its AUC) and then renews them.
    [Fact]
    public void TheBytesAreTheSameEverywhereAndForever()
    {
        Assert.Equal("0c7776627e60f44ce0bc4965a350eeecdc1bb63b8692be04473f86781c86133d", Hash(BankingSample.Labelled));
        Assert.Equal("10a2adab37f9cb37c4f01f829fde00de955ad5f8dcef7c194a414501c450cfd4", Hash(BankingSample.Batch));
    }

    [Fact]
    public void WritingTwiceGivesTheSameBytes() =>
        Assert.Equal(Hash(BankingSample.Batch), Hash(BankingSample.Batch));

    [Fact]
    public void TheLabelledFileHasTheTutorialsRowsAndColumns()
    {
        Assert.Equal("s3://samples/banking.csv", BankingSample.Labelled.Uri);
        Assert.Equal(
            "age,job,marital,education,default,housing,loan,contact,month,day_of_week,duration,campaign,pdays,previous,poutcome,"
            + "emp_var_rate,cons_price_idx,cons_conf_idx,euribor3m,nr_employed,y",
            string.Join(',', LabelledRows[0]));
        Assert.Equal(41_188, LabelledRows.Length - 1);
        Assert.All(LabelledRows, row => Assert.Equal(21, row.Length));
    }

    [Fact]
    public void TheBatchFileHasTheSameColumnsButNoTarget()
    {
        Assert.Equal("s3://samples/banking-batch.csv", BankingSample.Batch.Uri);
        Assert.Equal(LabelledRows[0][..20], BatchRows[0]);
        Assert.Equal(4_119, BatchRows.Length - 1);
        Assert.All(BatchRows, row => Assert.Equal(20, row.Length));
    }

    [Fact]
    public void TheBatchRowsAreNotAmongTheLabelledOnes()
    {
        var known = LabelledRows.Skip(1).Select(row => string.Join(',', row[..20])).ToHashSet();
        Assert.DoesNotContain(BatchRows.Skip(1), row => known.Contains(string.Join(',', row)));
    }

    [Fact]
    public void AboutOneCallInNineSucceeds()
    {
        var targets = Column(LabelledRows, "y");
        Assert.Equal(["0", "1"], targets.Distinct().Order(StringComparer.Ordinal));
        Assert.InRange(targets.Count(y => y == "1") / 41_188.0, 0.110, 0.116);
    }

    [Fact]
    public void SomeAgesAndEuriborRatesAreMissingAndNothingElse()
    {
        foreach (var (name, index) in LabelledRows[0].Select((name, index) => (name, index)))
        {
            var missing = LabelledRows.Count(row => row[index].Length == 0) / 41_188.0;
            if (name is "age" or "euribor3m")
                Assert.InRange(missing, 0.01, 0.02);
            else
                Assert.Equal(0, missing);
        }
    }

    [Fact]
    public void EveryCategoryOccursAndNoOther()
    {
        foreach (var (name, expected) in Categories)
            Assert.Equal(expected, Column(LabelledRows, name).Distinct().Order(StringComparer.Ordinal));
        foreach (var (name, expected) in Categories)
            Assert.Subset(expected.ToHashSet(), Column(BatchRows, name).ToHashSet());
    }

    [Theory]
    [InlineData("age", 17, 95)]
    [InlineData("duration", 1, 4300)]
    [InlineData("campaign", 1, 56)]
    [InlineData("previous", 0, 7)]
    [InlineData("emp_var_rate", -3.4, 1.4)]
    [InlineData("cons_price_idx", 92, 95)]
    [InlineData("cons_conf_idx", -51, -26)]
    [InlineData("euribor3m", 0.6, 5.1)]
    [InlineData("nr_employed", 4960, 5230)]
    public void NumbersStayInTheirRange(string name, double least, double most)
    {
        foreach (var rows in new[] { LabelledRows, BatchRows })
            foreach (var text in Column(rows, name).Where(text => text.Length > 0))
                Assert.InRange(double.Parse(text, CultureInfo.InvariantCulture), least, most);
    }

    [Fact]
    public void DaysSinceThePreviousCallAre999ForWhoeverWasNotCalled()
    {
        var days = Column(LabelledRows, "pdays").Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var outcomes = Column(LabelledRows, "poutcome");
        Assert.All(days, value => Assert.True(value is 999 or (>= 0 and <= 27)));
        Assert.All(days.Zip(outcomes), row => Assert.True(row.First == 999 || row.Second != "nonexistent"));
        Assert.InRange(days.Count(value => value == 999) / 41_188.0, 0.94, 0.98);
    }

    [Fact]
    public void PreviousCallsAndTheirOutcomeAgree()
    {
        var previous = Column(LabelledRows, "previous");
        Assert.All(previous.Zip(Column(LabelledRows, "poutcome")),
            row => Assert.Equal(row.First == "0", row.Second == "nonexistent"));
    }

    [Fact]
    public void TheEconomyIsThatOfTheMonth()
    {
        // Euribor moves within a month; the other four describe it.
        string[] names = ["month", "emp_var_rate", "cons_price_idx", "cons_conf_idx", "nr_employed"];
        var columns = names.Select(name => Column(LabelledRows, name)).ToArray();
        var states = Enumerable.Range(0, 41_188).Select(row => string.Join(',', columns.Select(column => column[row])));
        Assert.Equal(26, states.Distinct().Count());
    }

    [Fact]
    public void NoNumericColumnTellsTheTargetAlone()
    {
        var y = Column(LabelledRows, "y");
        foreach (var name in LabelledRows[0][..20].Except(Categories.Keys))
        {
            var auc = Auc(Column(LabelledRows, name), y);
            Assert.InRange(Math.Max(auc, 1 - auc), 0.5, name == "duration" ? 0.84 : 0.79);
        }
    }

    static string Hash(BankingSample sample)
    {
        using var stream = sample.OpenRead();
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    static string[][] Rows(BankingSample sample)
    {
        using var stream = new MemoryStream();
        sample.Write(stream);
        var text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return [.. text[..^1].Split('\n').Select(line => line.Split(','))];
    }

    static string[] Column(string[][] rows, string name)
    {
        var index = Array.IndexOf(rows[0], name);
        return [.. rows.Skip(1).Select(row => row[index])];
    }

    /// <summary>Share of (positive, negative) pairs that the value orders rightly; ties count half.</summary>
    static double Auc(string[] values, string[] targets)
    {
        double pairs = 0, positives = 0, negatives = 0;
        var groups = values.Zip(targets).Where(row => row.First.Length > 0)
            .GroupBy(row => double.Parse(row.First, CultureInfo.InvariantCulture)).OrderBy(group => group.Key);
        foreach (var group in groups)
        {
            var ones = group.Count(row => row.Second == "1");
            var zeros = group.Count() - ones;
            pairs += ones * (negatives + zeros / 2.0);
            positives += ones;
            negatives += zeros;
        }
        return pairs / (positives * negatives);
    }
}
