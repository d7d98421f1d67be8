namespace MlService.BrowserTests;

/// <summary>Files as people bring them to a page.</summary>
internal static class Files
{
    /// <summary>Drops a file from the desktop onto the page's place for files.</summary>
    public static async Task Drop(this IPage page, string name, string content)
    {
        var files = await page.EvaluateHandleAsync(
            "([name, content]) => { const files = new DataTransfer(); files.items.add(new File([content], name, { type: 'text/csv' })); return files; }",
            new[] { name, content });
        var place = page.Locator("[data-drop][data-ready]");
        await place.DispatchEventAsync("dragenter", new { dataTransfer = files });
        await place.DispatchEventAsync("drop", new { dataTransfer = files });
    }
}
