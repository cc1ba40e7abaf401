import { Hono } from 'hono';
import type { SpClient } from 'jitsuin/client';
import { JitsuinWebhookRefused, verifyWebhook } from 'jitsuin/client/webhooks';

/** What outlives a function: it keeps nothing in memory, so that any instance can answer any request. */
export interface State {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
}

export interface Parts {
  readonly jitsuin: SpClient;
  readonly state: State;
  readonly webhookSecrets: readonly string[];
}

/**
 * An sp's own shop front: an order is signed by the customer, and its end arrives by webhook.
 * A real shop asks first who the customer is; here the order's number is enough.
 */
export function createApp({ jitsuin, state, webhookSecrets }: Parts): Hono {
  const app = new Hono();

  app.post('/orders/:order/sign', async (context) => {
    const order = context.req.param('order');
    const body = new Uint8Array(await context.req.arrayBuffer());
    // Pressed twice, it is one application: the key is the order's.
    const call = { idempotencyKey: `order-${order}`, signal: context.req.raw.signal };
    const application = await jitsuin.createApplication({ body, external_id: order }, call);
    await state.set(`order:${order}`, application.state);
    return context.redirect(application.sign_url ?? '/', 303);
  });

  app.get('/orders/:order', async (context) => {
    const found = await state.get(`order:${context.req.param('order')}`);
    return found === null ? context.notFound() : context.json({ state: found });
  });

  // Deliveries come at least once and in no order: what is written is read from the API now, so that each may come again.
  app.post('/webhooks/jitsuin', async (context) => {
    const event = await verifyWebhook(context.req.raw.headers, await context.req.text(), webhookSecrets);
    const application = await jitsuin.readApplication({ id: event.data.id });
    const verdict = application.verdict?.indication ?? application.state;
    if (application.external_id !== undefined) await state.set(`order:${application.external_id}`, verdict);
    return context.body(null, 204);
  });

  app.onError((thrown, context) => {
    if (thrown instanceof JitsuinWebhookRefused) return context.text('refused', 400);
    console.error(thrown.name);
    return context.text('try again later', 503);
  });
  return app;
}
