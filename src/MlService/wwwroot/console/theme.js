// Before the first paint: dark or light, as chosen here before, or else as the system has it.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const key = 'mlservice-theme';
  const chosen = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const apply = () => { root.dataset.theme = chosen() ?? (system.matches ? 'dark' : 'light'); };
  window.switchTheme = () => {
    const other = root.dataset.theme === 'dark' ? 'light' : 'dark';
    try { localStorage.setItem(key, other); } catch { /* storage is closed to us: it lasts as long as the page */ }
    root.dataset.theme = other;
  };
  system.addEventListener('change', apply);
  apply();
})();
