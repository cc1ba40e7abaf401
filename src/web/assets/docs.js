// Search in the API's page, and in test environments forms that call the API. Everything else works without this file.
const search = document.querySelector('form[role=search]');
const sections = [...document.querySelectorAll('main > section')];
const links = [...document.querySelectorAll('nav li')];

function narrow() {
  const words = search.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (element) => words.every((word) => element.textContent.toLowerCase().includes(word));
  let found = 0;
  for (const section of sections) {
    section.hidden = !has(section);
    if (!section.hidden) found += 1;
  }
  for (const link of links) {
    const target = document.getElementById(link.querySelector('a').hash.slice(1));
    link.hidden = target?.hidden === true;
  }
  search.querySelector('output').textContent = words.length === 0 ? '' : `${found}件 / ${found} found`;
}

search.hidden = false;
search.addEventListener('input', narrow);
search.addEventListener('submit', (event) => event.preventDefault());

const key = document.querySelector('#try-key');
for (const form of document.querySelectorAll('.try-key, .try')) {
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (form.matches('.try')) void call(form);
  });
}

async function call(form) {
  const { method, path, type, key: keyed } = form.dataset;
  const fields = new FormData(form);
  const place = path.replaceAll(/\{(\w+)\}/g, (_all, name) =>
    encodeURIComponent(fields.get(`path:${name}`) ?? ''),
  );
  const query = fields.get('query');
  const headers = {
    ...(key.value === '' ? {} : { Authorization: `Bearer ${key.value}` }),
    ...(keyed === '' ? {} : { 'Idempotency-Key': crypto.randomUUID() }),
    ...(type === '' ? {} : { 'Content-Type': type }),
  };
  const body = fields.get('body') ?? undefined;
  const shown = form.querySelector('pre');
  shown.hidden = false;
  shown.textContent = '…';
  try {
    // the page lies beside the API, below whatever path the role has
    const answer = await fetch(
      `${location.pathname.replace(/\/docs$/, '')}${place}${query ? `?${query}` : ''}`,
      { method, headers, body, credentials: 'omit' },
    );
    const heads = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    shown.textContent = `${answer.status}\n${heads}\n\n${pretty(await answer.text())}`;
  } catch (thrown) {
    shown.textContent = String(thrown);
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
