using System.Globalization;
using System.Text;
using MlService.Learning.Schemas;
using MlService.Learning.Tests.Csv;

namespace MlService.Learning.Tests.Schemas;

public class SchemaInferenceTests
{
    // In the manner of the Titanic passenger list: every kind of column, and what makes each hard.
    private static readonly string Passengers = Csv(
        "PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Ticket,Cabin,Embarked",
        400,
        (row, random) => string.Join(',',
            (row * 37 % 401).ToString(CultureInfo.InvariantCulture), random.Next(2), 1 + random.Next(3),
            $"\"Surname{random.Next(300)}, Mr. First{random.Next(50)} \"\"Nick{row}\"\"\"", random.Next(2) == 0 ? "male" : "female",
            random.Next(5) == 0 ? "" : $"{random.Next(80)}.5", random.Next(6),
            random.Next(4) == 0 ? $"C.A. {random.Next(9999)}" : $"{random.Next(99999)}", random.Next(4) == 0 ? $"C{random.Next(99)}" : "",
            "CSQ"[random.Next(3)]));

    [Fact]
    public void EveryKindOfColumnIsRecognized()
    {
        var inferred = Infer(Passengers);
        Assert.Equal(
            "PassengerId CATEGORICAL, Survived BINARY, Pclass CATEGORICAL, Name TEXT, Sex CATEGORICAL, Age NUMERIC, SibSp NUMERIC, "
            + "Ticket CATEGORICAL, Cabin CATEGORICAL, Embarked CATEGORICAL",
            Types(inferred.Schema));
        Assert.True(inferred.Schema.HasHeader);
        Assert.Equal("Survived", inferred.Schema.Target);
        Assert.Equal("PassengerId", inferred.Schema.RowId);
    }

    [Fact]
    public void EveryGuessHasItsReason()
    {
        var inferred = Infer(Passengers);
        Assert.Equal(inferred.Schema.Attributes.Select(attribute => (attribute.Name, attribute.Type)),
            inferred.Reasons.Select(reason => (reason.Name, reason.Type)));
        Assert.All(inferred.Reasons, reason => Assert.NotEmpty(reason.Reason));
        Assert.Contains("empty", inferred.Reasons[5].Reason, StringComparison.Ordinal);
        Assert.Contains("only 0, 1", inferred.Reasons[1].Reason, StringComparison.Ordinal);
        foreach (var word in (string[])["header", "\"Survived\"", "\"PassengerId\""])
            Assert.Contains(inferred.Notes, note => note.Contains(word, StringComparison.Ordinal));
    }

    [Fact]
    public void TheFirstRowsAreShownAsText()
    {
        var rows = Infer("a,b\n1,\"x, \"\"y\"\"\"\n" + string.Concat(Enumerable.Repeat("2,z\n", 30))).Rows;
        Assert.Equal(20, rows.Count);
        Assert.Equal(["1", "x, \"y\""], rows[0]);
        Assert.Equal(["2", "z"], rows[19]);
        Assert.Equal(1001, Infer("a,b\n1," + new string('x', 5000) + "\n").Rows[0][1].Length);
    }

    [Fact]
    public void GzipAndByteOrderMarkMakeNoDifference()
    {
        var plain = Infer(Passengers);
        foreach (var stored in (byte[][])[Encoding.UTF8.GetBytes("\uFEFF" + Passengers), CsvTextTests.Gzip(Passengers), CsvTextTests.Gzip("\uFEFF" + Passengers)])
        {
            var other = SchemaInference.Infer(new TricklingStream(stored, 1000));
            Assert.Equal(plain.Schema.ToJson(), other.Schema.ToJson());
            Assert.Equal(plain.Rows, other.Rows);
        }
    }

    [Theory]
    [InlineData("1,0,1,0", AttributeType.Binary)]
    [InlineData("yes,no,YES,No", AttributeType.Binary)]
    [InlineData("true,false,true,", AttributeType.Binary)]
    [InlineData("t,f,t,f", AttributeType.Binary)]
    [InlineData("y,0,yes,1", AttributeType.Binary)]
    [InlineData("0,0,0,0", AttributeType.Numeric)]
    [InlineData("1,1,1,1", AttributeType.Numeric)]
    [InlineData("no,no,no,no", AttributeType.Categorical)]
    [InlineData("no,yes,unknown,no", AttributeType.Categorical)]
    [InlineData("f,n,y,f", AttributeType.Categorical)]
    [InlineData("0,1,2,1", AttributeType.Numeric)]
    [InlineData("1.5,-2e3,.5,+7", AttributeType.Numeric)]
    [InlineData("1,,,3", AttributeType.Numeric)]
    [InlineData("1.5,NA,2.5,?", AttributeType.Numeric)]
    [InlineData("1.5,NA,NA,NA", AttributeType.Categorical)]
    [InlineData("01234,02345,10115,80331", AttributeType.Categorical)]
    [InlineData("0,1,10,20", AttributeType.Numeric)]
    [InlineData("0.5,0.25,1,10", AttributeType.Numeric)]
    [InlineData(",,,", AttributeType.Categorical)]
    [InlineData("2016-01-31 10:15:00,2016-02-01 11:15:30,2016-03-02 08:00:00,2017-04-03 09:00:00", AttributeType.Categorical)]
    [InlineData("31.12.2015,1.2.2016,03.04.16,5.6.2017", AttributeType.Categorical)]
    [InlineData("red,green,blue,red", AttributeType.Categorical)]
    [InlineData("very good,very bad,very good,very bad", AttributeType.Categorical)]
    [InlineData("great film,boring story,a must see,never again", AttributeType.Text)]
    public void ATypeFollowsFromTheValues(string values, AttributeType type)
    {
        var rows = string.Concat(values.Split(',').Select((value, row) => $"{value},{row}.5\n"));
        Assert.Equal(type, Infer("value,n\n" + rows, hasHeader: true).Schema.Attributes[0].Type);
    }

    [Theory]
    [InlineData("2016-01-31;2016-02-01;2017-04-03;2017-04-04", "dates; a recipe")]
    [InlineData("12/31/2016;1/2/2016;2/3/2017;3/4/2017", "dates; a recipe")]
    [InlineData("31/12/2016;01/02/2016;02/03/2017;03/04/2017", "day first")]
    [InlineData("Jan 2 2016;Feb 3, 2016;Mar 31 2017;May 1 2017", "name the month")]
    [InlineData("2-Jan-2016;3-Feb-2016;31-Mar-2017;1-May-2017", "name the month")]
    [InlineData("1,234;12,345,678;999;1,000", "as in 1,234,")]
    [InlineData("5.5%;12%;80.1%;7%", "as in 5.5%,")]
    [InlineData("$5.50;$1,200.00;$3.10;$4.00", "as in $5.50,")]
    [InlineData("3,5;4,25;7,125;1,5", "as in 3,5,")]
    [InlineData("1 234;2 345;3 456;4 567", "as in 1 234,")]
    [InlineData("+4930123456;+4930123457;+4930123458;+4930123459", "codes, not quantities")]
    public void WhatLooksLikeDatesNumbersOrCodesHasAReasonThatHelps(string values, string reason)
    {
        var rows = string.Concat(values.Split(';').Select((value, row) => $"\"{value}\",{row}.5\n"));
        var inferred = Infer("value,n\n" + rows, hasHeader: true).Reasons[0];
        Assert.Equal(AttributeType.Categorical, inferred.Type);
        Assert.Contains(reason, inferred.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void AFewStrangersDoNotMakeANumberColumnText()
    {
        string Column(int strangers) => Csv("value,n", 200, (row, _) => row < strangers ? $"about {row},1" : $"{row}.25,1");
        var inferred = Infer(Column(3));
        Assert.Equal(AttributeType.Numeric, inferred.Schema.Attributes[0].Type);
        Assert.Contains("invalid", inferred.Reasons[0].Reason, StringComparison.Ordinal);
        Assert.Equal(AttributeType.Categorical, Infer(Column(40)).Schema.Attributes[0].Type);
    }

    [Theory]
    [InlineData("zip", AttributeType.Categorical)]
    [InlineData("product_code", AttributeType.Categorical)]
    [InlineData("store_id", AttributeType.Categorical)]
    [InlineData("rooms", AttributeType.Numeric)]
    public void IntegersAreCodesOnlyIfTheNameSaysSo(string name, AttributeType type) =>
        Assert.Equal(type, Infer(Csv($"{name},n", 100, (row, _) => $"{1000 + row % 7},{row}.5")).Schema.Attributes[0].Type);

    [Theory]
    [InlineData("age,job\n30,nurse\n40,clerk\n", true)]
    [InlineData("30,nurse\n40,clerk\n50,cook\n", false)]
    [InlineData("5.1,3.5,setosa\n4.9,3.0,setosa\n", false)]
    [InlineData("color,size\nred,big\nred,small\nblue,big\nred,small\n", true)]
    [InlineData("red,big\nred,small\nblue,big\nblue,small\n", false)]
    [InlineData("win,text\nyes,a b c\nno,d e f\n", true)]
    [InlineData("review\nnot a good film at all\nthis one I liked a lot\nwatch it again and again\n", true)]
    [InlineData(",n\n0,1.5\n1,2.5\n2,3.5\n", true)]
    [InlineData("1,2\n", false)]
    public void AHeaderIsRecognized(string text, bool hasHeader)
    {
        Assert.Equal(hasHeader, Infer(text).Schema.HasHeader);
        Assert.False(Infer(text, hasHeader: false).Schema.HasHeader);
        var forced = Infer(text, hasHeader: true);
        Assert.True(forced.Schema.HasHeader);
        Assert.Equal(text.Count('\n') - 1, forced.Rows.Count);
    }

    [Fact]
    public void WithoutHeaderColumnsAreNumbered()
    {
        Assert.Equal("Var01 NUMERIC, Var02 NUMERIC", Types(Infer("1,2\n3,4\n").Schema));
        var wide = Infer(string.Join(',', Enumerable.Range(0, 120)) + "\n").Schema;
        Assert.Equal(["Var001", "Var120"], [wide.Attributes[0].Name, wide.Attributes[119].Name]);
        Assert.Equal(["1", "2"], Infer("1,2\n3,4\n").Rows[0]);
    }

    [Fact]
    public void NamesAreMadeUnique()
    {
        var inferred = Infer(" a , a,,\"b c\"\n1,2,3,4\n");
        Assert.Equal(["a", "a_02", "Var03", "b c"], inferred.Schema.Attributes.Select(attribute => attribute.Name));
        Assert.Contains(inferred.Notes, note => note.Contains("twice", StringComparison.Ordinal));
        Assert.Equal(1000, Infer(string.Join(',', Enumerable.Repeat("same", 1000)) + "\n").Schema.Attributes.Count);
    }

    [Theory]
    [InlineData("x,y", "y")]
    [InlineData("label,text_length", "label")]
    [InlineData("Target,other", "Target")]
    [InlineData("price,carat", "price")]
    [InlineData("carat,depth", null)]
    public void ATargetIsKnownByItsName(string header, string? target) =>
        Assert.Equal(target, Infer(Csv(header, 60, (row, random) => $"{random.NextDouble():0.000},{random.NextDouble():0.000}")).Schema.Target);

    [Fact]
    public void BetweenCoordinatesYIsNoTarget() =>
        Assert.Equal("price", Infer(Csv("price,x,y,z", 30, (row, _) => $"{row * 7},{row}.1,{row}.2,{row}.3")).Schema.Target);

    [Fact]
    public void ALastColumnOfClassesIsSuggestedAsTarget()
    {
        var inferred = Infer(Csv("width,kind", 60, (row, _) => $"{row}.5,{"abc"[row % 3]}"));
        Assert.Equal("kind", inferred.Schema.Target);
        Assert.Null(Infer(Csv("width,kind", 60, (row, _) => $"{row}.5,k{row}")).Schema.Target);
    }

    [Fact]
    public void AnIntegerTargetThatNumbersClassesIsCategorical()
    {
        Assert.Equal("a NUMERIC, class CATEGORICAL", Types(Infer(Csv("a,class", 60, (row, _) => $"{row}.5,{row % 4}")).Schema));
        Assert.Equal("a NUMERIC, y CATEGORICAL", Types(Infer(Csv("a,y", 60, (row, _) => $"{row}.5,{row % 10}")).Schema));
        Assert.Equal("a NUMERIC, y NUMERIC", Types(Infer(Csv("a,y", 60, (row, _) => $"{row}.5,{row * row}")).Schema));
    }

    [Theory]
    [InlineData("id", true)]
    [InlineData("customer_id", true)]
    [InlineData("caseNo", true)]
    [InlineData("UUID", true)]
    [InlineData("paid", false)]
    [InlineData("amount", false)]
    public void ARowIdIsUniqueAndNamedLikeOne(string name, bool isRowId)
    {
        var unique = Infer(Csv($"{name},n", 50, (row, _) => $"{row * 7919 % 10007},0.5"));
        Assert.Equal(isRowId ? name : null, unique.Schema.RowId);
        Assert.Null(Infer(Csv($"{name},n", 50, (row, _) => $"{row / 2},0.5")).Schema.RowId);
    }

    [Fact]
    public void ANamelessColumnThatCountsTheRowsIsARowId()
    {
        Assert.Equal("Var01", Infer(Csv(",n", 50, (row, _) => $"{row},0.5")).Schema.RowId);
        Assert.Equal("Var01", Infer(Csv("1,0.5", 50, (row, _) => $"{row + 2},0.5")).Schema.RowId);
        Assert.Null(Infer(Csv("1,0.5", 50, (row, _) => $"{row * 3 + 4},0.5")).Schema.RowId);
    }

    [Theory]
    [InlineData("a;b;c\n1;2;3\n4;5;6\n", "semicolons", "a NUMERIC, b NUMERIC, c NUMERIC")]
    [InlineData("a;b\n1,5;2,5\n3;4,25\n5;6\n", "semicolons", "a CATEGORICAL, b CATEGORICAL")]
    [InlineData("a\tb\n1\tx y\n", "tabs", "a NUMERIC, b CATEGORICAL")]
    [InlineData("a|b|c\n1|2|3\n", "vertical bars", "a NUMERIC, b NUMERIC, c NUMERIC")]
    [InlineData("\"age\";\"job\";\"y\"\n30;\"admin.; chief\";\"no\"\n33;\"services\";\"yes\"\n", "semicolons", "age NUMERIC, job CATEGORICAL, y BINARY")]
    public void OtherDelimitersAreNotedAndRead(string text, string delimiter, string types)
    {
        var inferred = Infer(text);
        Assert.Equal(types, Types(inferred.Schema));
        Assert.Contains(inferred.Notes, note => note.Contains($"separated by {delimiter}", StringComparison.Ordinal));
    }

    [Fact]
    public void UnicodeOfAnyWidthMakesNoDifferenceButIsNoted()
    {
        var plain = Infer(Passengers);
        foreach (var encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32])
        {
            var other = SchemaInference.Infer(new MemoryStream([.. encoding.GetPreamble(), .. encoding.GetBytes(Passengers)]));
            Assert.Equal(plain.Schema.ToJson(), other.Schema.ToJson());
            Assert.Equal(plain.Rows, other.Rows);
            Assert.Contains(other.Notes, note => note.Contains("byte order mark", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("text\none; two; three\nfour\nfive; six\n")]
    [InlineData("a,b\n1;2,3;4\n5;6,7;8\n")]
    [InlineData("a,\"b;c\"\n1,2\n")]
    public void OtherDelimitersInsideValuesDoNoHarm(string text) => Assert.NotEmpty(Infer(text).Schema.Attributes);

    [Fact]
    public void ASingleColumnIsNoError() => Assert.Equal("text TEXT", Types(Infer("text\nit is so good\nit was so bad\nI do not know\n", true).Schema));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\n\r\n\n", "empty")]
    [InlineData("\"a,b\n1,2\n", "line 1")]
    [InlineData("Report of May\nname,age,job\na,1,x\nb,2,y\n", "line 1 has 1 columns")]
    public void AFileWithoutUsableRowsIsAnError(string text, string words)
    {
        var error = Assert.Throws<InvalidInputException>(() => Infer(text));
        Assert.Contains("data.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MoreThanAThousandColumnsAreAnError()
    {
        var error = Assert.Throws<InvalidInputException>(() => Infer(string.Join(',', Enumerable.Range(0, 1001)) + "\n"));
        Assert.Contains("1001 columns", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFewRaggedRowsAndForeignEncodingAreNoted()
    {
        byte[] stored = [.. "a,b\n1,caf"u8, 0xE9, .. "\n2\n3,x\n"u8];
        var inferred = SchemaInference.Infer(new MemoryStream(stored));
        Assert.Contains(inferred.Notes, note => note.StartsWith("1 of the first 3 rows", StringComparison.Ordinal)
            && note.EndsWith("The first is line 3: 1 columns.", StringComparison.Ordinal));
        Assert.Contains(inferred.Notes, note => note.Contains("UTF-8", StringComparison.Ordinal));
    }

    [Fact]
    public void AHeaderAloneLeavesTheTypesToTheUser()
    {
        var inferred = Infer("name,age\n", hasHeader: true);
        Assert.Equal("name CATEGORICAL, age CATEGORICAL", Types(inferred.Schema));
        Assert.Contains("no value", inferred.Reasons[0].Reason, StringComparison.Ordinal);
        Assert.Empty(inferred.Rows);
    }

    [Fact]
    public void OnlyTheBeginOfALargeFileIsRead()
    {
        var text = Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Repeat("1,2\n", 1_000_000)));
        var stream = new MemoryStream(text);
        var read = 0L;
        using (var counted = new CountingStream(stream, count => read += count))
            SchemaInference.Infer(counted);
        Assert.InRange(read, 1, 600_000);
    }

    private static InferredSchema Infer(string text, bool? hasHeader = null) =>
        SchemaInference.Infer(new MemoryStream(Encoding.UTF8.GetBytes(text)), hasHeader, "data.csv");

    private static string Types(DataSchema schema) =>
        string.Join(", ", schema.Attributes.Select(attribute => $"{attribute.Name} {attribute.Type.ToString().ToUpperInvariant()}"));

    private static string Csv(string header, int rows, Func<int, Random, string> row)
    {
        var random = new Random(11);
        return header + "\n" + string.Concat(Enumerable.Range(0, rows).Select(index => row(index, random) + "\n"));
    }

    private sealed class CountingStream(Stream stream, Action<int> count) : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int length)
        {
            var read = stream.Read(buffer, offset, length);
            count(read);
            return read;
        }
    }
}
