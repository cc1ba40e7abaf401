// The smallest service provider (sp): hands in a document, sends the citizen, waits for the end, prints the receipt.
//   npx tsx samples/sp/sign.ts [document.xml]
// With WEBHOOK_PORT it is told of the end by webhook, else the answer to its question is held back until then.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { createSpClient, hasEnded, until } from 'jitsuin/client';
import { verifyWebhook } from 'jitsuin/client/webhooks';
import { decodeJwt } from 'jose';

const { JITSUIN_URL = 'http://localhost:8081', JITSUIN_API_KEY = '', WEBHOOK_PORT } = process.env;
const [file = 'samples/applications/xx-city-zz-application.xml'] = process.argv.slice(2);
const sp = createSpClient({ baseUrl: JITSUIN_URL, bearer: JITSUIN_API_KEY });
const webhook = WEBHOOK_PORT === undefined ? undefined : await listenForWebhooks(Number(WEBHOOK_PORT));

const { id, sign_url, identification_code } = await sp.createApplication({ body: readFileSync(file) });
console.log(`署名対象識別コード ${identification_code}`);
// The first browser that opens it has the application; a server would answer its user 303 with it.
console.log(`open in a browser: ${sign_url}`);

await webhook?.told(id);
const application = await until(() => sp.readApplication({ id, wait: 20 }), hasEnded);
await webhook?.close();
console.log(application.state, application.verdict?.indication ?? application.failure?.message_ja ?? '');
if (application.verdict?.indication !== 'TOTAL-PASSED') process.exit(1);

// What an sp keeps: the verifier's signed receipt. The certificate never reaches it (JPKI Act).
const { receipt } = await sp.readReceipt({ id });
const { iss, verification } = decodeJwt(receipt);
console.log(`receipt of ${iss}`, verification);
console.log(receipt);

/** An endpoint of this program's own, registered for as long as it runs; the sp allows this machine with JITSUIN_WEBHOOK_LOOPBACK=1. */
async function listenForWebhooks(port: number) {
  const ended = new Set<string>();
  const url = `http://127.0.0.1:${port}/`;
  const { id: endpoint, secret } = await sp.createWebhookEndpoint({ body: { url } });
  const server = createServer(async (request, response) => {
    try {
      const { data } = await verifyWebhook(request.headers, await text(request), secret);
      ended.add(data.id);
      response.writeHead(204).end();
      server.emit('told');
    } catch {
      response.writeHead(400).end();
    }
  }).listen(port, '127.0.0.1');
  return {
    async told(application: string) {
      while (!ended.has(application)) await once(server, 'told');
      console.log('told by webhook');
    },
    async close() {
      await sp.deleteWebhookEndpoint({ id: endpoint });
      server.close();
    },
  };
}
