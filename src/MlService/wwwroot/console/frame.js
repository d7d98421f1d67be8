// What every page listens for: the search key, the theme switch, menus that close again, texts to copy.
const isTyping = (target) => target.closest?.('input, textarea, select, [contenteditable], fluent-text-input, fluent-textarea');

addEventListener('keydown', (event) => {
  if (event.key === '/' && !event.ctrlKey && !event.metaKey && !isTyping(event.target)) {
    event.preventDefault();
    document.getElementById('search')?.focus();
  }
  if (event.key === 'Escape') {
    for (const menu of document.querySelectorAll('details[data-menu][open]')) {
      menu.open = false;
      menu.querySelector('summary').focus();
    }
  }
});

addEventListener('click', async (event) => {
  for (const menu of document.querySelectorAll('details[data-menu][open]'))
    if (!menu.contains(event.target) || event.target.closest('a, button'))
      menu.open = false;
  if (event.target.closest('[data-theme-switch]'))
    window.switchTheme();
  const copy = event.target.closest('[data-copy]');
  if (copy) {
    await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent);
    copy.dataset.copied = '';
    setTimeout(() => delete copy.dataset.copied, 1500);
  }
});
