// The smallest caller of an agency (gov): hands in a document, waits until the citizen has signed, keeps what was verified.
//   npx tsx samples/gov/sign.ts samples/applications/rare-kanji-notification.xml signed.xml
import { readFileSync, writeFileSync } from 'node:fs';
import { createGovClient, hasEnded, until } from 'jitsuin/client';

const { JITSUIN_URL = 'http://localhost:8082', JITSUIN_API_KEY = '' } = process.env;
const [file = 'samples/applications/rare-kanji-notification.xml', out = 'signed.xml'] = process.argv.slice(2);
const gov = createGovClient({ baseUrl: JITSUIN_URL, bearer: JITSUIN_API_KEY });

const { id, sign_url, identification_code } = await gov.createApplication({
  body: readFileSync(file),
});
console.log(`署名対象識別コード ${identification_code}`);
console.log(`open in a browser: ${sign_url}`);

const application = await until(() => gov.readApplication({ id, wait: 20 }), hasEnded);
console.log(application.state, application.verdict?.indication ?? application.failure?.message_ja ?? '');
if (application.verdict?.indication !== 'TOTAL-PASSED') process.exit(1);

writeFileSync(out, await gov.readSignedDocument({ id }));
// The octets as they came: "jitsuin evidence verify" decides again from them.
writeFileSync(`${out}.evidence.json`, (await gov.raw('readEvidence', { id })).octets);
const { checks } = await gov.readReport({ id });
for (const { name, result } of checks) console.log(`${result.padEnd(8)} ${name}`);
