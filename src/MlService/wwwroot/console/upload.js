// Uploads what is dropped or chosen, one file after the other, straight to object storage; the server hears of begin and end only.
export function listen(drop, server) {
  const input = drop.querySelector('input[type=file]');
  const upload = drop.querySelector('[data-upload]');
  const bar = upload.querySelector('.bar');
  const words = upload.querySelector('[data-upload-words]');
  drop.dataset.ready = '';
  let running = Promise.resolve();
  const take = (files) => { for (const file of files) running = running.then(() => send(file)); };

  for (const name of ['dragenter', 'dragover'])
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add('is-over'); });
  for (const name of ['dragleave', 'drop'])
    drop.addEventListener(name, () => drop.classList.remove('is-over'));
  drop.addEventListener('drop', (event) => { event.preventDefault(); take([...event.dataTransfer.files]); });
  input.addEventListener('change', () => { take([...input.files]); input.value = ''; });

  async function send(file) {
    const path = await server.invokeMethodAsync('Place', file.name);
    if (!path)
      return;
    upload.hidden = false;
    const begin = performance.now();
    const show = (sent) => {
      const share = file.size ? Math.round(100 * sent / file.size) : 100;
      bar.firstElementChild.style.width = `${share}%`;
      bar.setAttribute('aria-valuenow', share);
      const rate = sent / 1e6 / Math.max((performance.now() - begin) / 1000, 0.05);
      words.textContent = `${file.name}: ${share}% of ${(file.size / 1e6).toFixed(1)} MB, ${rate.toFixed(1)} MB/s`;
    };
    show(0);
    const answer = await new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open('PUT', path);
      request.setRequestHeader('Content-Type', 'application/octet-stream');
      request.upload.onprogress = (event) => show(event.loaded);
      request.onloadend = () => done(request);
      request.send(file);
    });
    upload.hidden = true;
    if (answer.status >= 200 && answer.status < 300)
      await server.invokeMethodAsync('Uploaded', JSON.parse(answer.responseText).uri);
    else
      await server.invokeMethodAsync('Failed', problem(answer));
  }

  function problem(answer) {
    try { return JSON.parse(answer.responseText).detail; } catch { return 'The upload broke off. Is the service still running? Drop the file again.'; }
  }
}
