import { JitsuinError } from '../../core/errors.ts';
import type { Approval, ApprovalKind, ApprovalState } from '../../ports/approval-store.ts';
import type { StaffMember } from '../../ports/staff-store.ts';
import {
  approveChange,
  finishableUntil,
  finishChange,
  isUnfinished,
  refuseChange,
} from '../../staff/approvals.ts';
import { may } from '../../staff/permissions.ts';
import type { Bilingual } from '../bilingual.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { code, hidden, listTable, notice, tableRow } from '../parts.ts';
import { type Difference, differenceDigest, differenceOf, differenceTable } from './approval-difference.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import { actionForm, consolePage } from './layout.ts';
import { instant } from './time.ts';

const MOST = 100;
const ID = /^[0-9a-f-]{36}$/;

export const APPROVAL_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/approvals', act: 'approvals.read', handle: show },
  { method: 'post', path: '/console/approvals/:id/approve', act: 'approvals.change', handle: approve },
  { method: 'post', path: '/console/approvals/:id/again', act: 'approvals.change', handle: again },
  { method: 'post', path: '/console/approvals/:id/refuse', act: 'approvals.change', handle: refuse },
];

const KINDS: Readonly<Record<ApprovalKind, Bilingual>> = {
  'key.generate': { ja: '復号鍵を作る', en: 'make a decryption key' },
  'key.activate': { ja: '復号鍵を使い始める', en: 'activate a decryption key' },
  'key.expire': { ja: '復号鍵の使用をやめる', en: 'expire a decryption key' },
  'key.destroy': { ja: '復号鍵を破棄する', en: 'destroy a decryption key' },
  'seal-key.rotate': { ja: '保管用の鍵を更新する', en: 'rotate the key for data at rest' },
  'tenant.put': { ja: '利用機関を登録・変更する', en: 'add or change a tenant' },
  'tenant.remove': { ja: '利用機関を取り除く', en: 'remove a tenant' },
};

type ShownState = ApprovalState | 'expired' | 'interrupted';

const STATES: Readonly<Record<ShownState, Bilingual>> = {
  pending: { ja: '承認待ち', en: 'waiting' },
  approved: { ja: '実行中', en: 'being carried out' },
  done: { ja: '実行済み', en: 'done' },
  failed: { ja: '失敗', en: 'failed' },
  declined: { ja: '却下', en: 'declined' },
  withdrawn: { ja: '取下げ', en: 'withdrawn' },
  expired: { ja: '期限切れ', en: 'expired' },
  interrupted: { ja: '承認済み・実行が中断', en: 'approved, cut off while carried out' },
};

async function show(asked: ConsoleRequest): Promise<void> {
  const { approvals, operators } = asked.console.ports;
  const [list, people] = await Promise.all([approvals.list({ limit: MOST }), operators.list()]);
  const names = new Map(people.map(({ id, name }: StaffMember) => [id, name]));
  const rows = await Promise.all(list.map((approval) => row(asked, approval, names)));
  asked.response.type('html').send(
    consolePage(
      asked,
      { ja: '承認', en: 'Approvals' },
      html`<p>${both({
        ja: '鍵と利用機関の変更には、申請した人とは別の管理者の承認が必要です。',
        en: 'Changes of keys and tenants need another administrator than asked for them.',
      })}</p>
${rows.length === 0 ? notice(undefined, NONE, { id: 'no-approvals' }) : table(rows)}`,
    ),
  );
}

const NONE: Bilingual = { ja: '申請はありません。', en: 'There is none.' };

function table(rows: readonly Html[]): Html {
  return listTable({
    id: 'approvals',
    caption: { ja: '新しい順', en: 'Newest first' },
    columns: [
      { ja: '変更', en: 'Change' },
      { ja: '対象と内容', en: 'Subject and content' },
      { ja: '申請', en: 'Asked for' },
      { ja: '状態', en: 'State' },
      { ja: '操作', en: 'Action' },
    ],
    rows,
  });
}

async function row(
  asked: ConsoleRequest,
  approval: Approval,
  names: ReadonlyMap<string, string>,
): Promise<Html> {
  const { id, kind, subject, payload, requestedBy, requestedAt, decidedBy, code: reason } = approval;
  const state = stateOf(asked, approval);
  const open = state === 'pending' || state === 'interrupted' || state === 'failed';
  const differences = open ? await differenceOf(asked.console, approval) : [];
  const content = html`<details><summary>${both({ ja: '内容', en: 'Content' })}</summary><pre>${payload}</pre></details>`;
  const decider =
    decidedBy === undefined
      ? undefined
      : html`<span class="extra">${names.get(decidedBy) ?? decidedBy}</span>`;
  return tableRow({ 'data-approval': id, 'data-state': state }, [
    both(KINDS[kind]),
    html`<code>${subject}</code>${open ? differenceTable(id, differences) : undefined}
${payload === '{}' ? undefined : content}`,
    html`${names.get(requestedBy) ?? requestedBy}<br>${instant(requestedAt)}`,
    html`${both(STATES[state])}${code(reason)}${decider}`,
    actions(asked, approval, state, differences) ?? '',
  ]);
}

function stateOf({ console }: ConsoleRequest, approval: Approval): ShownState {
  const { state, expiresAt } = approval;
  const now = console.ports.clock.now();
  if (state === 'approved' && isUnfinished(approval, now)) return 'interrupted';
  return state === 'pending' && expiresAt <= now ? 'expired' : state;
}

function actions(
  asked: ConsoleRequest,
  approval: Approval,
  state: ShownState,
  differences: readonly Difference[],
): Html | undefined {
  if (!may(asked.operator, 'approvals.change')) return undefined;
  if (state === 'pending') return decisions(asked, approval, differences);
  return state === 'interrupted' || state === 'failed' ? finishing(asked, approval) : undefined;
}

const WITHDRAW: Bilingual = { ja: '取り下げる', en: 'Withdraw' };

/** What two administrators agreed on and what did not come to its end: once more, or no more. */
function finishing({ session, console }: ConsoleRequest, approval: Approval): Html {
  const action = (verb: string, label: Html) =>
    actionForm(`/console/approvals/${approval.id}/${verb}`, session.csrf, label, { small: true });
  const open = console.ports.clock.now() < finishableUntil(approval);
  return html`<p>${both({
    ja:
      '実行が終わっていません。もう一度実行しても、済んだところは重ねて行いません。' +
      '取り下げても、済んだところは元に戻りません。',
    en: 'It did not come to its end. Carrying it out again does nothing twice; withdrawing it undoes nothing.',
  })}</p>
${open ? action('again', both({ ja: 'もう一度実行する', en: 'Carry out again' })) : undefined}
${action('refuse', both(WITHDRAW))}`;
}

function decisions(
  { operator, session }: ConsoleRequest,
  { id, requestedBy }: Approval,
  differences: readonly Difference[],
): Html {
  const refuseForm = (label: Html) =>
    actionForm(`/console/approvals/${id}/refuse`, session.csrf, label, { small: true });
  if (requestedBy === operator.id) return refuseForm(both(WITHDRAW));
  const approveForm = actionForm(
    `/console/approvals/${id}/approve`,
    session.csrf,
    html`承認して実行する<span lang="en">Approve and carry out</span>`,
    { small: true, fields: hidden('seen', differenceDigest(differences)) },
  );
  return html`${approveForm}${refuseForm(html`却下する<span lang="en">Decline</span>`)}`;
}

async function approvalOf({ console, request }: ConsoleRequest): Promise<Approval> {
  const id = String(request.params['id'] ?? '');
  const found = ID.test(id) ? await console.ports.approvals.get(id) : undefined;
  if (found === undefined)
    throw new JitsuinError('http.not-found', 'No change that waits for a second person has this id.');
  return found;
}

async function approve(asked: ConsoleRequest): Promise<void> {
  const { console, operator, form, response } = asked;
  const approval = await approvalOf(asked);
  const mayDecide = approval.state === 'pending' && approval.requestedBy !== operator.id;
  if (mayDecide) await requireAsShown(asked, approval, form.fields['seen']);
  await approveChange(console.ports, operator, approval, console.changes);
  response.redirect(303, '/console/approvals');
}

/**
 * What is allowed is the difference that the page showed: where it became another meanwhile, or was never shown, it is
 * looked at first.
 */
async function requireAsShown(
  { console }: ConsoleRequest,
  approval: Approval,
  seen: string | undefined,
): Promise<void> {
  if (seen === differenceDigest(await differenceOf(console, approval))) return;
  throw new JitsuinError(
    'approval.state',
    seen === undefined
      ? 'What this change would change was not shown: open the page of the changes and look.'
      : 'What this change would change became another since the page was opened: open it again and look.',
  );
}

async function again(asked: ConsoleRequest): Promise<void> {
  const { console, operator, response } = asked;
  await finishChange(console.ports, operator, await approvalOf(asked), console.changes);
  response.redirect(303, '/console/approvals');
}

async function refuse(asked: ConsoleRequest): Promise<void> {
  await refuseChange(asked.console.ports, asked.operator, await approvalOf(asked));
  asked.response.redirect(303, '/console/approvals');
}
