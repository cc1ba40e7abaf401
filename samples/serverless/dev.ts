// The same function on a port of this machine: npx tsx samples/serverless/dev.ts
import { serve } from '@hono/node-server';
import { GET, POST } from './api/index.ts';

const port = Number(process.env['PORT'] ?? 3000);
const fetch = (request: Request) => (request.method === 'POST' ? POST(request) : GET(request));
serve({ fetch, port, hostname: '127.0.0.1' }, (at) => console.log(`listening on ${at.port}`));
