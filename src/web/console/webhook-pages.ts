import type { WebhookAttempt, WebhookDelivery, WebhookEndpoint } from '../../ports/webhook-store.ts';
import { may } from '../../staff/permissions.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import {
  choice,
  code,
  factRow,
  factTable,
  heading,
  link,
  listTable,
  notice,
  tableRow,
  toned,
} from '../parts.ts';
import type { ConsoleRequest } from './console.ts';
import { actionForm, consolePage } from './layout.ts';
import { instant } from './time.ts';

const TITLE = { ja: '通知', en: 'Webhooks' };

const ENDPOINT_STATES: Readonly<Record<WebhookEndpoint['state'], Bilingual>> = {
  enabled: { ja: '送信中', en: 'on' },
  disabled: { ja: '停止中', en: 'off' },
  gone: { ja: '先方が受け取りを終了', en: 'gone: it answered 410' },
};
const DELIVERY_STATES: Readonly<Record<WebhookDelivery['state'], Bilingual>> = {
  waiting: { ja: '送信待ち', en: 'waiting' },
  delivered: { ja: '届いた', en: 'delivered' },
  failed: { ja: '届かなかった', en: 'failed' },
  dropped: { ja: '送らなかった', en: 'dropped' },
};

function endpointState(state: WebhookEndpoint['state']): Html {
  return toned(state === 'enabled' ? 'good' : state === 'gone' ? 'bad' : 'care', ENDPOINT_STATES[state]);
}

function deliveryState(state: WebhookDelivery['state']): Html {
  return toned(state === 'delivered' ? 'good' : state === 'failed' ? 'bad' : 'care', DELIVERY_STATES[state]);
}

interface ListShown {
  readonly known: readonly string[];
  readonly tenant?: string;
  readonly endpoints: readonly WebhookEndpoint[];
}

export function webhooksPage(asked: ConsoleRequest, { known, tenant, endpoints }: ListShown): string {
  const none = {
    ja: '通知先はありません。APIで登録すると、ここに現れます。',
    en: 'There is no endpoint. What is registered by the API appears here.',
  };
  return consolePage(
    asked,
    TITLE,
    html`${known.length > 1 ? tenantForm(known, tenant) : undefined}
${endpoints.length === 0 ? notice(undefined, none, { id: 'no-endpoints' }) : endpointTable(endpoints)}`,
  );
}

function tenantForm(known: readonly string[], tenant: string | undefined): Html {
  const options = known.map((name) => ({ value: name, label: name }));
  return html`<form method="get" action="/console/webhooks" class="filters" aria-label="利用機関 / Tenant">
<div>${choice({ ja: '利用機関', en: 'Tenant' }, { id: 'tenant' }, options, tenant)}</div>
<button type="submit" class="small">${both({ ja: '表示する', en: 'Show' })}</button>
</form>`;
}

function endpointTable(endpoints: readonly WebhookEndpoint[]): Html {
  return listTable({
    id: 'endpoints',
    caption: { ja: '通知先', en: 'Endpoints' },
    columns: [
      { ja: '送り先', en: 'URL' },
      { ja: '状態', en: 'State' },
      { ja: '利用機関', en: 'Tenant' },
      { ja: '知らせる出来事', en: 'Events' },
      { ja: '更新', en: 'Updated' },
    ],
    rows: endpoints.map(({ id, tenant, url, state, events, updatedAt }) =>
      tableRow({ 'data-endpoint': id, 'data-state': state }, [
        link(`/console/webhooks/${tenant}/${id}`, html`<code>${url}</code>`),
        endpointState(state),
        tenant,
        html`${events.map((event) => html`<code>${event}</code> `)}`,
        instant(updatedAt),
      ]),
    ),
  });
}

interface DeliveriesShown {
  readonly deliveries: readonly WebhookDelivery[];
  readonly next?: string;
}

export function endpointPage(
  asked: ConsoleRequest,
  endpoint: WebhookEndpoint,
  shown: DeliveriesShown,
): string {
  const { id, tenant, url, state, events, createdAt, secrets } = endpoint;
  const { deliveries, next } = shown;
  const here = `/console/webhooks/${tenant}/${id}`;
  const none = { ja: 'まだ何も送っていません。', en: 'Nothing was sent yet.' };
  const older = { ja: '次の50件', en: 'Older' };
  return consolePage(
    asked,
    { ja: '通知先', en: 'Endpoint' },
    html`${factTable(
      { ja: '概要', en: 'Facts' },
      [
        factRow({ ja: '送り先', en: 'URL' }, html`<code>${url}</code>`),
        factRow({ ja: '状態', en: 'State' }, endpointState(state)),
        factRow({ ja: '利用機関', en: 'Tenant' }, tenant),
        factRow({ ja: '番号', en: 'Id' }, html`<code>${id}</code>`),
        factRow(
          { ja: '知らせる出来事', en: 'Events' },
          html`${events.map((one) => html`<code>${one}</code> `)}`,
        ),
        factRow({ ja: '署名に使う鍵の数', en: 'Secrets that sign now' }, String(secrets.length)),
        factRow({ ja: '登録', en: 'Registered' }, instant(createdAt)),
      ],
      'facts',
    )}
${endpointActions(asked, endpoint, here)}
${heading({ ja: '送った通知', en: 'Deliveries' })}
${deliveries.length === 0 ? notice(undefined, none, { id: 'no-deliveries' }) : deliveryTable(deliveries)}
${
  next === undefined
    ? undefined
    : html`<p>${link(`${here}?after=${next}`, older, { class: 'button secondary small', id: 'next' })}</p>`
}`,
  );
}

function endpointActions(asked: ConsoleRequest, { state }: WebhookEndpoint, here: string): Html | undefined {
  const { operator, session } = asked;
  if (!may(operator, 'webhooks.change')) return undefined;
  const act = (verb: string, label: Bilingual) =>
    actionForm(`${here}/${verb}`, session.csrf, both(label), { small: true, id: `${verb}-endpoint` });
  if (state !== 'enabled') return act('enable', { ja: '送信を始める', en: 'Switch on' });
  return html`${act('test', { ja: '試しに送る', en: 'Send a test event' })}
${act('disable', { ja: '送信を止める', en: 'Switch off' })}`;
}

function deliveryTable(deliveries: readonly WebhookDelivery[]): Html {
  return listTable({
    id: 'deliveries',
    caption: { ja: '新しい順。30日のあいだ残ります', en: 'Newest first, kept for 30 days' },
    columns: [
      { ja: '番号', en: 'Id' },
      { ja: '出来事', en: 'Event' },
      { ja: '状態', en: 'State' },
      { ja: '回数', en: 'Attempts' },
      { ja: '対象', en: 'Subject' },
      { ja: '更新', en: 'Updated' },
    ],
    rows: deliveries.map(({ id, tenant, type, state, attempts, subject, updatedAt }) =>
      tableRow({ 'data-delivery': id, 'data-state': state }, [
        link(`/console/webhook-deliveries/${tenant}/${id}`, html`<code>${id}</code>`),
        code(type),
        deliveryState(state),
        attempts,
        subjectLink({ type, subject }),
        instant(updatedAt),
      ]),
    ),
  });
}

function subjectLink({ type, subject }: Pick<WebhookDelivery, 'type' | 'subject'>): Html {
  if (type === 'webhook.test') return html`–`;
  return link(`/console/records/${subject}`, html`<code>${subject}</code>`);
}

interface DeliveryShown {
  readonly attempts: readonly WebhookAttempt[];
  readonly endpoint?: WebhookEndpoint;
}

export function deliveryPage(
  asked: ConsoleRequest,
  delivery: WebhookDelivery,
  { attempts, endpoint }: DeliveryShown,
): string {
  const { id, tenant, type, state, subject, payload, createdAt } = delivery;
  return consolePage(
    asked,
    { ja: '通知の内容', en: 'Delivery' },
    html`${factTable(
      { ja: '概要', en: 'Facts' },
      [
        factRow({ ja: '番号 (webhook-id)', en: 'Id, the webhook-id' }, html`<code>${id}</code>`),
        factRow(
          { ja: '状態', en: 'State' },
          html`<span id="state-of-delivery" data-state="${state}">${deliveryState(state)}</span>`,
        ),
        factRow({ ja: '出来事', en: 'Event' }, html`<code>${type}</code>`),
        factRow({ ja: '対象', en: 'Subject' }, subjectLink({ type, subject })),
        factRow(
          { ja: '送り先', en: 'Endpoint' },
          endpoint === undefined
            ? '–'
            : link(`/console/webhooks/${tenant}/${endpoint.id}`, html`<code>${endpoint.url}</code>`),
        ),
        factRow({ ja: '作成', en: 'Made' }, instant(createdAt)),
        factRow({ ja: '本文', en: 'Body' }, html`<code>${payload}</code>`),
      ],
      'facts',
    )}
${attemptTable(attempts)}
${replayForm(asked, delivery, endpoint)}`,
  );
}

function attemptTable(attempts: readonly WebhookAttempt[]): Html {
  if (attempts.length === 0)
    return notice(undefined, { ja: 'まだ送信していません。', en: 'There was no attempt yet.' });
  return listTable({
    id: 'attempts',
    caption: { ja: '送信の記録', en: 'Attempts' },
    columns: [
      { ja: '回', en: 'No.' },
      { ja: '日時', en: 'Time' },
      { ja: '応答', en: 'Answer' },
      { ja: 'かかった時間', en: 'Took' },
    ],
    rows: attempts.map(({ number, at, status, code: reason, durationMillis }) =>
      tableRow({ 'data-attempt': number }, [
        number,
        instant(at),
        status === undefined ? code(reason) : `HTTP ${status}`,
        `${durationMillis} ms`,
      ]),
    ),
  });
}

function replayForm(
  { operator, session }: ConsoleRequest,
  { id, tenant, state }: WebhookDelivery,
  endpoint: WebhookEndpoint | undefined,
): Html | undefined {
  if (!may(operator, 'webhooks.change') || state === 'waiting') return undefined;
  if (endpoint?.state !== 'enabled')
    return notice('care', {
      ja: '送り直すには、通知先への送信を始めてください。',
      en: 'To send it again, switch the endpoint on first.',
    });
  const label = both({ ja: 'もう一度送る', en: 'Send again' });
  return actionForm(`/console/webhook-deliveries/${tenant}/${id}/replay`, session.csrf, label, {
    id: 'replay',
  });
}
