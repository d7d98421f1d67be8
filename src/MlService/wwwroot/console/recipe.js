// Completion while a recipe is typed: names of attributes, groups and functions that begin with, or hold, what stands before the caret.
export function listen(field, list, server) {
  let words = [], shown = [], chosen = 0, from = 0;
  const most = 8;

  function typed() {
    const text = field.value.slice(0, field.selectionStart);
    const word = /[\p{L}_][\p{L}\p{N}_.]*$/u.exec(text);
    // Names stand inside of the strings of the JSON; keys and braces need no help.
    const isInString = (text.slice(text.lastIndexOf('\n') + 1).match(/(?<!\\)"/g) ?? []).length % 2 === 1;
    return word && isInString ? word[0] : '';
  }

  function look() {
    const word = typed();
    from = field.selectionStart - word.length;
    const small = word.toLowerCase();
    const rank = ({ name }) => name.toLowerCase().startsWith(small) ? 0 : name.toLowerCase().includes(small) ? 1 : 2;
    shown = word && field.selectionStart === field.selectionEnd
      ? words.filter((entry) => rank(entry) < 2 && entry.name !== word).sort((a, b) => rank(a) - rank(b)).slice(0, most) : [];
    chosen = 0;
    draw();
  }

  function draw() {
    list.replaceChildren(...shown.map(({ name, note }, i) => {
      const item = Object.assign(document.createElement('li'), { id: `${list.id}-${i}`, role: 'option' });
      item.setAttribute('aria-selected', i === chosen);
      item.append(name, Object.assign(document.createElement('small'), { textContent: note }));
      item.addEventListener('pointerdown', (event) => { event.preventDefault(); chosen = i; take(); });
      return item;
    }));
    list.hidden = shown.length === 0;
    field.setAttribute('aria-expanded', shown.length > 0);
    shown.length ? field.setAttribute('aria-activedescendant', `${list.id}-${chosen}`) : field.removeAttribute('aria-activedescendant');
    if (shown.length)
      place();
  }

  // The caret's place: a copy of the text up to it, laid out as the field lays it out.
  function place() {
    const copy = document.createElement('div');
    const style = getComputedStyle(field);
    for (const property of ['fontFamily', 'fontSize', 'fontWeight', 'lineHeight', 'letterSpacing', 'padding', 'borderWidth', 'borderStyle', 'boxSizing', 'tabSize'])
      copy.style[property] = style[property];
    Object.assign(copy.style, { position: 'absolute', visibility: 'hidden', whiteSpace: 'pre-wrap', overflowWrap: 'break-word', width: `${field.clientWidth}px` });
    const mark = document.createElement('span');
    mark.textContent = '|';
    copy.append(field.value.slice(0, from), mark);
    field.parentElement.append(copy);
    const { offsetLeft, offsetTop, offsetHeight } = mark;
    copy.remove();
    list.style.left = `${Math.max(0, Math.min(field.offsetLeft + offsetLeft, field.offsetWidth - list.offsetWidth))}px`;
    list.style.top = `${Math.min(field.offsetTop + offsetTop + offsetHeight - field.scrollTop, field.offsetTop + field.offsetHeight)}px`;
  }

  function take() {
    const { name, insert } = shown[chosen];
    field.setRangeText(insert ?? name, from, field.selectionStart, 'end');
    close();
    field.dispatchEvent(new Event('input', { bubbles: true }));
    close();
  }

  function close() { shown = []; draw(); }

  field.addEventListener('input', look);
  field.addEventListener('blur', close);
  field.addEventListener('click', close);
  field.addEventListener('keydown', (event) => {
    if (event.key === ' ' && event.ctrlKey) { event.preventDefault(); look(); return; }
    if (shown.length === 0)
      return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      chosen = (chosen + step + shown.length) % shown.length;
      draw();
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      take();
    } else if (event.key === 'Escape') {
      close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  field.dataset.ready = '';
  server.invokeMethodAsync('Completions').then((given) => { words = given; });
}

// Shows where a fault is: its characters are selected.
export function show(field, from, to) {
  field.focus();
  field.setSelectionRange(from, to);
  const line = field.value.slice(0, from).split('\n').length - 1;
  field.scrollTop = Math.max(0, line * parseFloat(getComputedStyle(field).lineHeight) - field.clientHeight / 2);
}
