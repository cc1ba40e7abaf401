import { JitsuinError } from '../../core/errors.ts';
import type { ApprovalKind } from '../../ports/approval-store.ts';
import { requestChange } from '../../staff/approvals.ts';
import { may } from '../../staff/permissions.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { choice, heading, hidden, listTable, smallTable, tableRow } from '../parts.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { ConsoleKeys, ShownKey } from './console-ports.ts';
import { actionForm, consolePage } from './layout.ts';
import { badge } from './status.ts';
import { duration, instant } from './time.ts';

export const KEY_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/keys', act: 'keys.read', handle: show },
  { method: 'post', path: '/console/keys/changes', act: 'approvals.change', handle: change },
];

const KINDS: readonly ApprovalKind[] = [
  'key.generate',
  'key.activate',
  'key.expire',
  'key.destroy',
  'seal-key.rotate',
];
const SUBJECT = /^[0-9A-Za-z._-]{1,128}$/;

async function show(asked: ConsoleRequest): Promise<void> {
  const port = portOf(asked);
  const keys = await port.list();
  asked.response.type('html').send(
    consolePage(
      asked,
      { ja: '鍵', en: 'Keys' },
      html`${keyTable(asked, keys)}
${registration(keys)}
${generateForm(asked, port)}
${sealTable(asked, port)}
${endsTable(asked, port)}`,
    ),
  );
}

function portOf({ console }: ConsoleRequest): ConsoleKeys {
  if (console.keys === undefined)
    throw new JitsuinError(
      'http.not-found',
      'This console shows no keys: they are kept by a module of the operator.',
    );
  return console.keys;
}

/** Only what the page itself offers is taken as a request; it is carried out when another administrator allows it. */
async function change(asked: ConsoleRequest): Promise<void> {
  const { console, operator, form, response } = asked;
  const kind = KINDS.find((candidate) => candidate === form.fields['kind']);
  const subject = form.fields['subject'] ?? '';
  if (kind === undefined || !SUBJECT.test(subject))
    throw new JitsuinError('http.body', 'The field "kind" is none of the changes that are offered.', {
      at: 'kind',
    });
  const keys = await portOf(asked).list();
  if (!offers(keys, portOf(asked)).some((offer) => offer.kind === kind && offer.subject === subject))
    throw new JitsuinError('key.state', 'The state of the key does not allow this.', { at: subject });
  await requestChange(console.ports, operator, { kind, subject, payload: '{}' });
  response.redirect(303, '/console/approvals');
}

interface Offer {
  readonly kind: ApprovalKind;
  readonly subject: string;
}

/** What can be asked for now: the steps of `jitsuin pf keys` from the state of each key. */
function offers(keys: readonly ShownKey[], port: ConsoleKeys): readonly Offer[] {
  return [
    ...keys.flatMap(({ kid, state }) => stepsFrom(state).map((kind) => ({ kind, subject: kid }))),
    ...port.services(keys).map((subject) => ({ kind: 'key.generate' as const, subject })),
    { kind: 'seal-key.rotate', subject: port.sealKeys().active },
  ];
}

function stepsFrom(state: ShownKey['state']): readonly ApprovalKind[] {
  if (state === 'generated') return ['key.activate', 'key.expire'];
  if (state === 'expired') return ['key.destroy'];
  return state === 'destroyed' ? [] : ['key.expire'];
}

const STATES: Readonly<Record<ShownKey['state'], { readonly ja: string; readonly en: string }>> = {
  generated: { ja: '登録待ち', en: 'generated' },
  active: { ja: '使用中', en: 'active' },
  overlap: { ja: '切り替え期間中', en: 'overlap' },
  expired: { ja: '使用終了', en: 'expired' },
  destroyed: { ja: '破棄済み', en: 'destroyed' },
};

const LABELS: Readonly<Partial<Record<ApprovalKind, { readonly ja: string; readonly en: string }>>> = {
  'key.activate': { ja: '使い始める', en: 'Activate' },
  'key.expire': { ja: '使用をやめる', en: 'Expire' },
  'key.destroy': { ja: '破棄する', en: 'Destroy' },
};

function keyTable(asked: ConsoleRequest, keys: readonly ShownKey[]): Html {
  const now = asked.console.ports.clock.now();
  return html`${heading({ ja: '復号鍵', en: 'Decryption keys' })}
${listTable({
  id: 'keys',
  caption: {
    ja: '公開鍵はサービスと環境ごとに登録します',
    en: 'Registered for a service and an environment',
  },
  columns: [
    'kid',
    { ja: 'サービス', en: 'Service' },
    { ja: '状態', en: 'State' },
    { ja: '作成', en: 'Made' },
    { ja: '終わりまで', en: 'Time left' },
    { ja: '操作', en: 'Action' },
  ],
  rows: keys.map(({ kid, service, environment, state, createdAt, until }) =>
    tableRow({ 'data-kid': kid, 'data-state': state }, [
      html`<code class="hash">${kid}</code>`,
      `${service} (${environment})`,
      badge(state, STATES[state]),
      instant(createdAt),
      until === undefined ? '–' : both(duration(until - now)),
      stepsFrom(state).map((kind) => ask(asked, kind, kid)),
    ]),
  ),
})}`;
}

const NEXT_STEP = {
  ja:
    'この公開鍵を、そのままデジタル庁の申請画面(または申請書)で登録してください。登録が済んだと連絡を受けたら、上の表の' +
    '「使い始める」を申請します。それまでは、前の鍵がそのまま使われます。',
  en:
    'Register exactly this public key at the agency. Once it says that it is registered, ask to activate it above; ' +
    'until then the key of before stays in use.',
};

/** A key that was made and is not in use yet: what is to be registered, and what comes then. */
function registration(keys: readonly ShownKey[]): Html | undefined {
  const waiting = keys.filter(({ state }) => state === 'generated');
  if (waiting.length === 0) return undefined;
  return html`${heading({ ja: '登録する公開鍵', en: 'Public keys to register' })}
<p>${both(NEXT_STEP)}</p>
${waiting.map(
  ({ kid, service, environment, publicJwk }) => html`<section data-register="${kid}">
<p>${service} (${environment})</p>
<pre tabindex="0"><code>${publicJwk}</code></pre></section>`,
)}`;
}

function ask(asked: ConsoleRequest, kind: ApprovalKind, subject: string): Html {
  const label = LABELS[kind] ?? { ja: '申請する', en: 'Ask' };
  if (!may(asked.operator, 'approvals.change')) return html``;
  const fields = html`${hidden('kind', kind)}${hidden('subject', subject)}`;
  return actionForm('/console/keys/changes', asked.session.csrf, both(label), { small: true, fields });
}

function generateForm(asked: ConsoleRequest, port: ConsoleKeys): Html | undefined {
  const services = port.services([]);
  if (!may(asked.operator, 'approvals.change') || services.length === 0) return undefined;
  const offered = services.map((service) => ({ value: service, label: service }));
  const fields = html`${hidden('kind', 'key.generate')}
${choice({ ja: 'サービス', en: 'Service' }, { id: 'service', name: 'subject' }, offered)}`;
  return actionForm(
    '/console/keys/changes',
    asked.session.csrf,
    html`新しい鍵を申請する<span lang="en">Ask for a new key</span>`,
    { id: 'generate-key', fields },
  );
}

const OPENS = { ja: '読むときだけ使用', en: 'opens what it sealed' };
const SEAL_KEYS = { ja: '保管用の鍵', en: 'Keys for data at rest' };
const ENDS = { ja: '期限', en: 'What ends' };

function sealTable(asked: ConsoleRequest, port: ConsoleKeys): Html {
  const { active, keys } = port.sealKeys();
  const rotate = ask(asked, 'seal-key.rotate', active);
  return html`${heading(SEAL_KEYS)}
${smallTable({
  id: 'seal-keys',
  caption: SEAL_KEYS,
  columns: [
    { ja: '番号', en: 'Id' },
    { ja: '状態', en: 'State' },
  ],
  rows: keys.map((id) =>
    tableRow({}, [
      html`<code>${id}</code>`,
      id === active ? badge('active', STATES.active) : badge('opens', OPENS),
    ]),
  ),
})}
<p>更新のあとは <code>jitsuin keys reseal</code> を実行してください。
<span lang="en">After a rotation run jitsuin keys reseal.</span></p>${rotate}`;
}

function endsTable(asked: ConsoleRequest, port: ConsoleKeys): Html {
  const now = asked.console.ports.clock.now();
  return html`${heading(ENDS)}
${smallTable({
  id: 'ends',
  caption: ENDS,
  columns: [
    { ja: '用途', en: 'Use' },
    { ja: '期限', en: 'End' },
    { ja: 'あと', en: 'Time left' },
  ],
  rows: port
    .ends()
    .map(({ use, at }) =>
      tableRow({}, [
        use,
        instant(at),
        at <= now ? badge('EXPIRED', { ja: '期限切れ', en: 'ended' }) : both(duration(at - now)),
      ]),
    ),
})}`;
}
