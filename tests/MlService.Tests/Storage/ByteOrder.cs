using System.Text;

namespace MlService.Tests.Storage;

/// <summary>The order of keys by its definition: unsigned bytes of UTF-8.</summary>
internal static class ByteOrder
{
    public static int Compare(string x, string y) =>
        Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y));

    public static string[] Sort(IEnumerable<string> keys)
    {
        var sorted = keys.ToArray();
        Array.Sort(sorted, Compare);
        return sorted;
    }
}
