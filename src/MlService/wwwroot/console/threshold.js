// The threshold page's line. While it moves, figures come from the curve's points, between which counts are drawn straight; when it has
// rested for a moment, the server counts all scores.
export function start(root, data, server) {
  const { points, positives, negatives } = data;
  const total = positives + negatives;
  const svg = root.querySelector('[data-scores]');
  const cut = svg.querySelector('[data-cut]');
  const label = svg.querySelector('[data-cut-label]');
  const marks = [...svg.querySelectorAll('[data-from]')].map((mark) => [+mark.dataset.from, mark]);
  const [left, right] = [+svg.dataset.left, +svg.dataset.right];
  const thresholdInput = root.querySelector('[data-threshold]');
  const shareInput = root.querySelector('[data-top-share]');
  const costs = Object.fromEntries([...root.querySelectorAll('[data-cost]')].map((input) => [input.dataset.cost, input]));
  const figures = Object.groupBy([...root.querySelectorAll('[data-figure]')], (element) => element.dataset.figure);
  const areas = [...root.querySelectorAll('[data-area]')];
  const curves = [...root.querySelectorAll('[data-point]')];
  let now = data.first, asked = 0, rest, frame;

  const percent = (share) => share === 0 ? '0%' : `${(100 * share).toFixed(share < 0.01 ? 2 : 1)}%`;
  const count = (number) => Math.round(number).toLocaleString('en-US');
  const ratio = (part, whole) => whole > 0 ? part / whole : 0;

  function near(threshold) {
    let low = 0, high = points.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      points[middle][0] < threshold ? low = middle + 1 : high = middle;
    }
    const after = points[low], before = points[Math.max(low - 1, 0)];
    const share = after[0] > before[0] ? (threshold - before[0]) / (after[0] - before[0]) : 1;
    const between = (i) => before[i] + Math.min(Math.max(share, 0), 1) * (after[i] - before[i]);
    return { threshold, tp: between(1), fp: between(2) };
  }

  function draw() {
    frame = undefined;
    const { threshold, tp, fp } = now;
    const fn = positives - tp, tn = negatives - fp;
    const precision = ratio(tp, tp + fp), recall = ratio(tp, positives), fpr = ratio(fp, negatives);
    const values = {
      tp: count(tp), fp: count(fp), fn: count(fn), tn: count(tn),
      share: percent(ratio(tp + fp, total)), precision: percent(precision), recall: percent(recall),
      accuracy: percent(ratio(tp + tn, total)), f1: ratio(2 * tp, 2 * tp + fp + fn).toFixed(3), fpr: percent(fpr),
      cost: count(fp * costs.fp.value + fn * costs.fn.value),
    };
    for (const [name, value] of Object.entries(values))
      for (const element of figures[name] ?? [])
        element.textContent = value;
    const counts = { tp, fp, fn, tn };
    for (const area of areas)
      area.style.setProperty('--share', Math.sqrt(counts[area.dataset.area] / total));
    cut.setAttribute('transform', `translate(${left + threshold * (right - left)} 0)`);
    cut.setAttribute('aria-valuenow', threshold.toFixed(4));
    cut.setAttribute('aria-valuetext', `threshold ${threshold.toFixed(3)}: ${values.share} predicted as 1, precision ${values.precision}, recall ${values.recall}`);
    label.textContent = threshold.toFixed(3);
    for (const [from, mark] of marks)
      mark.classList.toggle('is-left', from + 0.005 < threshold);
    for (const point of curves) {
      const [x, y] = point.dataset.point === 'roc' ? [fpr, recall] : [recall, precision];
      const { x0, x1, y0, y1 } = point.dataset;
      point.setAttribute('transform', `translate(${+x0 + x * (x1 - x0)} ${+y0 + y * (y1 - y0)})`);
    }
    if (document.activeElement !== thresholdInput)
      thresholdInput.value = +threshold.toFixed(4);
    if (document.activeElement !== shareInput)
      shareInput.value = +(100 * ratio(tp + fp, total)).toFixed(2);
  }

  function show(counts) {
    now = counts;
    frame ??= requestAnimationFrame(draw);
  }

  function move(threshold) {
    const wanted = Math.min(Math.max(threshold, 0), 1);
    show(near(wanted));
    clearTimeout(rest);
    rest = setTimeout(() => ask('At', wanted), 120);
  }

  async function ask(method, value) {
    clearTimeout(rest);
    const mine = ++asked;
    const counts = await server.invokeMethodAsync(method, value);
    if (mine === asked)
      show(counts);
  }

  const at = (event) => {
    const box = svg.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    return (x - left) / (right - left);
  };
  svg.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    cut.focus();
    svg.setPointerCapture(event.pointerId);
    move(at(event));
  });
  svg.addEventListener('pointermove', (event) => { if (svg.hasPointerCapture(event.pointerId)) move(at(event)); });
  cut.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -0.01, ArrowDown: -0.01, ArrowRight: 0.01, ArrowUp: 0.01, PageDown: -0.1, PageUp: 0.1 }[event.key];
    const target = event.key === 'Home' ? 0 : event.key === 'End' ? 1 : step && now.threshold + (event.shiftKey ? step / 10 : step);
    if (target === undefined)
      return;
    event.preventDefault();
    move(target);
  });
  thresholdInput.addEventListener('change', () => ask('At', +thresholdInput.value || 0));
  shareInput.addEventListener('change', () => ask('AtTopShare', (+shareInput.value || 0) / 100));
  for (const input of Object.values(costs))
    input.addEventListener('input', () => show(now));
  root.querySelector('[data-cheapest]').addEventListener('click', () => {
    const cost = ([, tp, fp]) => fp * costs.fp.value + (positives - tp) * costs.fn.value;
    ask('At', points.reduce((best, point) => cost(point) < cost(best) ? point : best)[0]);
  });
  draw();
}
