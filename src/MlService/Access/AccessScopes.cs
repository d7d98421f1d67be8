namespace MlService.Access;

/// <summary>What a key may do, whatever it is limited to.</summary>
[Flags]
public enum AccessScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Ask for real-time predictions, and nothing else.</summary>
    Predict = 1,

    /// <summary>Read everything but keys and audit: resources, objects, events, inferred schemas.</summary>
    Read = 2,

    /// <summary>Do everything, keys included.</summary>
    Admin = 4,
}

/// <summary>Scopes as people and clients write them.</summary>
public static class AccessScopeNames
{
    private static readonly (string Name, AccessScopes Scope)[] Known =
        [("admin", AccessScopes.Admin), ("read", AccessScopes.Read), ("predict", AccessScopes.Predict)];

    /// <summary>The names, from the mightiest down.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Known.Select(known => known.Name)];

    /// <summary>Names of the scopes in a set.</summary>
    public static IReadOnlyList<string> ToNames(this AccessScopes scopes) =>
        [.. Known.Where(known => scopes.HasFlag(known.Scope)).Select(known => known.Name)];

    /// <summary>The scope of a name; <see cref="AccessScopes.None"/> if there is none of that name.</summary>
    public static AccessScopes Parse(string name) => Array.Find(Known, known => known.Name == name).Scope;

    /// <summary>Whether a key with these scopes may do what needs that one.</summary>
    public static bool Grants(this AccessScopes scopes, AccessScopes needed) =>
        scopes.HasFlag(AccessScopes.Admin) || (needed != AccessScopes.None && scopes.HasFlag(needed));
}
