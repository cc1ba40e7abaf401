// The smallest tenant of a platform operator (pf): hands in one signed result, reads the verdict and judges the receipt.
//   npx tsx samples/pf/verify.ts submission.json
import { readFileSync } from 'node:fs';
import { type ClientKey, clientAssertions, createPfClient, type pf, until } from 'jitsuin/client';
import { compactVerify, createLocalJWKSet } from 'jose';

const { JITSUIN_PF_URL = 'http://localhost:8083', JITSUIN_PF_CLIENT_ID = '' } = process.env;
const { JITSUIN_PF_CLIENT_KEY_FILE = 'pf-client-key.json' } = process.env;
const [file = 'submission.json'] = process.argv.slice(2);

const keys = read<{ active: string; keys: ClientKey[] }>(JITSUIN_PF_CLIENT_KEY_FILE);
const key = keys.keys.find(({ kid }) => kid === keys.active);
if (key === undefined) throw new Error('The key file has no active key.');
const bearer = clientAssertions({ clientId: JITSUIN_PF_CLIENT_ID, key, audience: JITSUIN_PF_URL });
const operator = createPfClient({ baseUrl: JITSUIN_PF_URL, bearer });

// The same submission again has the same answer, so that this program may be started again at any time.
const { id } = await operator.submitVerification({ body: read<pf.VerificationSubmission>(file) });
const { state, result, failure, receipt } = await until(
  () => operator.readVerification({ id, wait: 20, with: 'receipt' }),
  (verification) => verification.state !== 'received',
);
console.log(state, result ?? failure);
if (state !== 'decided' || receipt === undefined) process.exit(1);

const { payload } = await compactVerify(receipt, createLocalJWKSet(await operator.readReceiptKeys()));
console.log(new TextDecoder().decode(payload));
process.exitCode = result === 'OK' ? 0 : 1;

function read<Content>(path: string): Content {
  return JSON.parse(readFileSync(path, 'utf8')) as Content;
}
