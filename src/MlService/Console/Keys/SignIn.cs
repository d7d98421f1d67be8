using Microsoft.AspNetCore.Mvc;
using MlService.Access;
using MlService.OpenApi;

namespace MlService.Console.Keys;

/// <summary>What the sign-in form does.</summary>
internal static class SignIn
{
    /// <summary>Maps <c>/sign-in</c>, to which the form posts, and <c>/sign-out</c>.</summary>
    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        // A form's post is checked for the antiforgery token of the page that it came from.
        routes.MapPost("/sign-in", Post).AllowWithoutKey().ExcludeFromDescription();
        routes.MapGet("/sign-out", Out).AllowWithoutKey().ExcludeFromDescription();
    }

    private static async Task<IResult> Post(
        [FromForm] string? id, [FromForm] string? secret, [FromForm] string? page, HttpContext context, SignInCookie cookie)
    {
        var refusal = await cookie.SignIn(context, id?.Trim() ?? "", secret?.Trim() ?? "");
        return refusal is null
            ? Results.LocalRedirect(IsPage(page) ? page! : "/")
            : Results.LocalRedirect($"/sign-in?refusal={Uri.EscapeDataString(refusal)}&page={Uri.EscapeDataString(IsPage(page) ? page! : "/")}");
    }

    private static IResult Out(HttpContext context)
    {
        SignInCookie.SignOut(context);
        return Results.LocalRedirect("/sign-in");
    }

    // A path of this service, not the address of another: //host and /\host name hosts.
    private static bool IsPage(string? page) => page is ['/', not ('/' or '\\'), ..] or "/";
}
