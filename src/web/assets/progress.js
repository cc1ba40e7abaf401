// Follows an application's state without a reload that loses the reader's place. Everything works without this file:
// then the page loads itself again (see layout.ts).
const AGAIN_MILLIS = 3000;
// A stream may die without a word (a proxy, a sleeping device): after so long without an event the page asks by itself.
const SILENCE_MILLIS = 25000;
const state = () => document.querySelector('[data-events]');
const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

// The page as it is now; undefined while a proxy, or nobody, answers in our place.
async function currentPage() {
  try {
    const answer = await fetch(location.href, {
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(AGAIN_MILLIS * 2),
    });
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return next.querySelector('main#main [data-state]') ? next : undefined;
  } catch {
    return undefined;
  }
}

async function renew() {
  let next = await currentPage();
  while (!next) {
    await wait(AGAIN_MILLIS);
    next = await currentPage();
  }
  const shown = state()?.dataset.state;
  if (next.querySelector('[data-events]')?.dataset.state !== shown) {
    document.querySelector('main').replaceChildren(...next.querySelector('main').childNodes);
    document.title = next.title;
    if (!state()) document.querySelector('main').focus();
  }
}

function follow() {
  const shown = state();
  if (!shown) return;
  const source = new EventSource(shown.dataset.events);
  let left = false;
  const leave = (millis) => {
    if (left) return;
    left = true;
    clearTimeout(silence);
    source.close();
    wait(millis).then(renew).then(follow);
  };
  const silence = setTimeout(() => leave(0), SILENCE_MILLIS);
  source.addEventListener('state', (event) => {
    if (event.data !== shown.dataset.state) leave(0);
  });
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) leave(AGAIN_MILLIS);
  });
}

follow();
