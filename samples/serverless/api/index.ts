// A function for Vercel and its like: `api/index.ts` with every path rewritten to it. Redis is the state outside.
import { handle } from 'hono/vercel';
import { Redis } from 'ioredis';
import { createSpClient } from 'jitsuin/client';
import { createApp } from '../app.ts';

const { JITSUIN_URL = '', JITSUIN_API_KEY = '', WEBHOOK_SECRETS = '', REDIS_URL = '' } = process.env;
const { STATE_PREFIX = 'shop:' } = process.env;

const app = createApp({
  jitsuin: createSpClient({ baseUrl: JITSUIN_URL, bearer: JITSUIN_API_KEY }),
  state: new Redis(REDIS_URL, { keyPrefix: STATE_PREFIX, lazyConnect: true }),
  webhookSecrets: WEBHOOK_SECRETS.split(' ').filter((secret) => secret !== ''),
});

export const GET = handle(app);
export const POST = handle(app);
