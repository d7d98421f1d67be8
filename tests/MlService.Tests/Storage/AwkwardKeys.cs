namespace MlService.Tests.Storage;

/// <summary>Keys that file systems, shells, browsers or paths would read as something else.</summary>
internal static class AwkwardKeys
{
    public static readonly string[] All =
    [
        ".", "..", "...", "../escape", "../../../../../../tmp/escape", "a/../../b", "./c", "a/./b", "..\\..\\escape", "C:\\boot.ini",
        "/", "//", "/etc/passwd", "//server/share", "file:///etc/passwd", "~/.ssh/id", "$HOME", "`id`", "a;b", "a|b", "a\0b", "\0", "\n",
        "line\r\nfeed", "tab\there", "\u007f", "\u0085", "\u202egnp.exe", "\ufeffbom", "%", "%%", "%2e%2e/x", "%2E%2E%2Fx", "%252e", "%00",
        "%object", "x%object", "x", "x/y", "%+", "y%+", "y%+/z", "%", "100% sure.csv", "a", "a/", "a//", "a/b", "a//b", "a-", "a-b", "a.b",
        "a0", "A", "A/b", "dot.", "dot", "dot./x", "blank ", " blank", "blank", "con", "CON.txt", "nul.csv", "COM1", "com1x", "lpt9.", "aux/x",
        ".temporary", ".uploads", ".uploads/x", ".lock", ".schema", "data.csv.schema", "é", "e\u0301", "ß", "ẞ", "日本語.csv", "🦆", "\uffee",
        "\ue000", "*", "?", "a?b#c", "\"quoted\"", "<b>", "q=1&r=2", "+", "a+b", "a b", ":", "s3://bucket/key",
        new string('n', 240), new string('n', 241), new string('n', 242), new string('n', 255), new string('n', 256), new string('n', 1024),
        new string('n', 300) + "/" + new string('n', 300), new string('n', 240) + "/x", new string('n', 241) + "/x", new string('%', 300),
        new string('n', 238) + "%", new string('n', 239) + "a%b", string.Concat(Enumerable.Repeat("日", 341)),
        string.Concat(Enumerable.Repeat("d/", 20)), string.Concat(Enumerable.Repeat("/", 20)), new string('\u0001', 1024),
    ];

    static AwkwardKeys() => All = [.. All.Distinct()];
}
