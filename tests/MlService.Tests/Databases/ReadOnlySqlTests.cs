using MlService.Databases;
using MlService.Learning;

namespace MlService.Tests.Databases;

/// <summary>The door before the database: what is a query, and what is more.</summary>
public sealed class ReadOnlySqlTests
{
    [Theory]
    [InlineData("select 1")]
    [InlineData("  SELECT a FROM t")]
    [InlineData("(select 1) union (select 2)")]
    [InlineData("with x as (select 1) select * from x")]
    [InlineData("values (1, 2)")]
    [InlineData("select 1;")]
    [InlineData("select 1 ; \n")]
    [InlineData("select ';' as a, \"drop; table\" as b, `in;to` from `t`")]
    [InlineData("select 'it''s; fine', 'a\\';b' from t")]
    [InlineData("select into_date, `into` from points")]
    [InlineData("select a -- all; of it\nfrom t # into file; \n")]
    [InlineData("select a /* into; */ from t")]
    [InlineData("select 5--3")]
    [InlineData("-- the newest\nselect 1")]
    [InlineData("--the newest\r\n\r\n  select 1")]
    [InlineData("/* of all;\n * rows */ (/* and */ select 1)")]
    [InlineData("/**/with x as (select 1) select * from x")]
    [InlineData("# the newest\nselect 1")]
    public void AQueryPasses(string query)
    {
        ReadOnlySql.CheckBegin(query);
        ReadOnlySql.CheckMySql(query);
    }

    [Theory]
    [InlineData("")]
    [InlineData("delete from t")]
    [InlineData("DROP TABLE t")]
    [InlineData("copy (select 1) to program 'x'")]
    [InlineData("set global x = 1")]
    [InlineData("call p()")]
    [InlineData("explain analyze delete from t")]
    [InlineData("load data infile 'x' into table t")]
    [InlineData("selects")]
    [InlineData("-- hidden\rdrop table t")]
    [InlineData("/* /* */ select 1 */ drop table t")]
    [InlineData("/* /* */ */ select 1")]
    [InlineData("-- select 1")]
    [InlineData("-- hidden\rselect 1\ndrop table t")]
    [InlineData("-- hidden\ndrop table t")]
    [InlineData("/* hidden */ drop table t")]
    [InlineData("/*/ select 1 */ drop table t")]
    [InlineData("/*! drop table t */ select 1")]
    [InlineData("/*M!100000 drop table t */ select 1")]
    [InlineData("/* select 1")]
    [InlineData("# hidden\rselect 1\ndrop table t")]
    [InlineData("\u00a0;drop table t")]
    public void WhatDoesNotBeginAsAQueryIsRefused(string query) => Assert.Throws<InvalidInputException>(() => ReadOnlySql.CheckBegin(query));

    [Theory]
    [InlineData("select 1; drop table t")]
    [InlineData("select 1;;drop table t")]
    [InlineData("select 'a\\'; drop table t; -- '; drop table t")]
    [InlineData("select \"a\"\";\"; drop table t")]
    [InlineData("select `a\\`; drop table t -- `")]
    [InlineData("select 1 -- x\n; drop table t")]
    [InlineData("select 1 --\tx\n; drop table t")]
    [InlineData("select 1 /* x */ ; commit")]
    [InlineData("select 1 # x\n; commit")]
    [InlineData("select 1 into outfile '/tmp/x'")]
    [InlineData("select 1 INTO\nDUMPFILE '/tmp/x'")]
    [InlineData("select 1/**/into/**/outfile '/tmp/x'")]
    [InlineData("select 1)into outfile '/tmp/x'")]
    [InlineData("select 1 /*! into outfile '/tmp/x' */")]
    [InlineData("select 1 /*!50000into outfile '/tmp/x' */")]
    [InlineData("select 1 /*M! into outfile '/tmp/x' */")]
    [InlineData("select 'open")]
    [InlineData("select 'open\\'")]
    public void WhatMySqlTakesForMoreThanAQueryIsRefused(string query) => Assert.Throws<InvalidInputException>(() => ReadOnlySql.CheckMySql(query));
}
