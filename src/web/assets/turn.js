// Shows the place in the line as it is now, without a reload that loses the reader's place, and goes on when the turn
// has come. Everything works without this file: then the page loads itself again (see layout.ts).
const place = () => document.querySelector('#place[data-waiting-room]');
let timer;

// The page as it is now; undefined while a proxy, or nobody, answers in our place.
async function look() {
  try {
    const answer = await fetch(`${location.pathname}?look=1`, {
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(10000),
    });
    return new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
  } catch {
    return undefined;
  }
}

async function ask() {
  const next = await look();
  const now = next?.querySelector('#place[data-waiting-room]');
  // the turn has come, or there is another page by now: the server leads on
  if (next && now?.dataset.waitingRoom !== 'waits') return location.reload();
  if (now && now.textContent !== place().textContent) place().replaceChildren(...now.childNodes);
  timer = setTimeout(ask, Number(place().dataset.ask));
}

// A device that slept asks at once.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible') return;
  clearTimeout(timer);
  ask();
});

timer = setTimeout(ask, Number(place().dataset.ask));
