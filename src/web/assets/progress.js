// Follows an application's state without a reload that loses the reader's place. Everything works without this file:
// then the page loads itself again (see layout.ts).
const RELOAD_MILLIS = 3000;
const state = () => document.querySelector('[data-events]');

async function renew() {
  try {
    const answer = await fetch(location.href, { credentials: 'same-origin', cache: 'no-store' });
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const main = next.querySelector('main');
    if (!main) throw new Error('no page');
    document.querySelector('main').replaceChildren(...main.childNodes);
    document.title = next.title;
    if (!state()) document.querySelector('main').focus();
  } catch {
    setTimeout(() => location.reload(), RELOAD_MILLIS);
  }
}

function follow() {
  const shown = state();
  if (!shown) return;
  const source = new EventSource(shown.dataset.events);
  source.addEventListener('state', (event) => {
    if (event.data === shown.dataset.state) return;
    source.close();
    renew().then(follow);
  });
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => renew().then(follow), RELOAD_MILLIS);
  });
}

follow();
