// What every page listens for: the search key, the theme switch, menus that close again, texts to copy.
// The page is alive: what is pressed now is heard by the server.
document.documentElement.dataset.live = '';

// The service was there again but had forgotten the page, as after a restart: what it shows lies in the service, so it is loaded anew.
document.getElementById('components-reconnect-modal')?.addEventListener('components-reconnect-state-changed', (event) => {
  if (event.detail.state === 'rejected')
    location.reload();
});

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

// Charts to take away: the drawing with its colours written out, or the table behind it.
addEventListener('click', (event) => {
  const kind = event.target.closest('[data-save]')?.dataset.save;
  const figure = event.target.closest('figure');
  if (!kind || !figure)
    return;
  const name = (figure.querySelector('figcaption span')?.textContent ?? 'chart').replace(/[^\w-]+/g, '-').toLowerCase();
  const file = kind === 'svg'
    ? new Blob([drawing(figure.querySelector('svg.plot'))], { type: 'image/svg+xml' })
    : new Blob([rows(figure.querySelector('table'))], { type: 'text/csv' });
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(file), download: `${name}.${kind}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});

function drawing(svg) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll('*')];
  [copy, ...copy.querySelectorAll('*')].forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const property of ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'font-family', 'font-size', 'font-weight'])
      element.style.setProperty(property, style.getPropertyValue(property));
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return new XMLSerializer().serializeToString(copy);
}

const rows = (table) => [...table.rows]
  .map((row) => [...row.cells].map((cell) => `"${cell.textContent.trim().replaceAll('"', '""')}"`).join(',')).join('\r\n');
