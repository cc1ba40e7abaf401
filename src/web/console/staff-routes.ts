import { JitsuinError } from '../../core/errors.ts';
import type { StaffMember, StaffStore } from '../../ports/staff-store.ts';
import { may } from '../../staff/permissions.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { listTable, tableRow } from '../parts.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import { actionForm, consolePage, roleName } from './layout.ts';
import { badge } from './status.ts';
import { instant } from './time.ts';

const ID = /^[0-9a-f-]{36}$/;

export const OPERATOR_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/operators', act: 'operators.read', handle: show },
  { method: 'post', path: '/console/operators/:id/disable', act: 'operators.change', handle: disable },
];

const STATES: Readonly<Record<StaffMember['state'], { readonly ja: string; readonly en: string }>> = {
  active: { ja: '有効', en: 'active' },
  invited: { ja: '招待中', en: 'invited' },
  disabled: { ja: '停止', en: 'disabled' },
};

async function show(asked: ConsoleRequest): Promise<void> {
  const people = await asked.console.ports.operators.list();
  const changes = may(asked.operator, 'operators.change');
  asked.response.type('html').send(
    consolePage(
      asked,
      { ja: '運用者', en: 'Operators' },
      html`<p>招待は <code>jitsuin operator invite</code> で行います。
<span lang="en">Operators are invited on the host, with jitsuin operator invite.</span></p>
${listTable({
  id: 'operators',
  caption: { ja: 'コンソールを使う人', en: 'Who uses the console' },
  columns: [
    { ja: '氏名', en: 'Name' },
    { ja: '番号', en: 'Id' },
    { ja: '役割', en: 'Role' },
    { ja: '状態', en: 'State' },
    { ja: '登録', en: 'Since' },
    changes ? { ja: '操作', en: 'Action' } : undefined,
  ],
  rows: people.map((person) => row(asked, person, changes)),
})}`,
    ),
  );
}

function row(asked: ConsoleRequest, person: StaffMember, changes: boolean): Html {
  const { id, name, role, state, createdAt } = person;
  const stop =
    state === 'disabled' || id === asked.operator.id
      ? undefined
      : actionForm(
          `/console/operators/${id}/disable`,
          asked.session.csrf,
          both({ ja: '停止する', en: 'Disable' }),
          { small: true },
        );
  return tableRow({ 'data-operator': id, 'data-state': state }, [
    name,
    html`<code>${id}</code>`,
    both(roleName(role)),
    badge(state, STATES[state]),
    instant(createdAt),
    changes ? (stop ?? '') : undefined,
  ]);
}

/** Nobody shuts themselves out: so one administrator always stays. */
async function disable({ console, operator, request, response }: ConsoleRequest): Promise<void> {
  const id = String(request.params['id'] ?? '');
  const at = console.ports.clock.now();
  if (id === operator.id)
    throw new JitsuinError('http.forbidden', 'This is your own account: another administrator disables it.');
  const facts = { operator: operator.id };
  await requireEnoughLeft(console.ports.operators, id);
  const audit = { event: 'operator.disabled', subject: id, tenant: '', at, facts };
  if (!ID.test(id) || !(await console.ports.operators.disable(id, at, audit)))
    throw new JitsuinError(
      'http.not-found',
      'No member of the staff has this id, or they are disabled already.',
    );
  response.redirect(303, '/console/operators');
}

/**
 * A change needs two administrators: nobody alone may leave fewer. The command line on the server has the last
 * word.
 */
const LEAST_ADMINISTRATORS = 2;

async function requireEnoughLeft(operators: Pick<StaffStore, 'list'>, id: string): Promise<void> {
  const active = (await operators.list()).filter(
    ({ role, state }) => role === 'administrator' && state === 'active',
  );
  if (!active.some((one) => one.id === id) || active.length > LEAST_ADMINISTRATORS) return;
  throw new JitsuinError(
    'http.forbidden',
    `Of the administrators ${LEAST_ADMINISTRATORS} must stay: invite another one first, or use ` +
      '"jitsuin operator disable".',
  );
}
