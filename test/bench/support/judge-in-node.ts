import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as JudgeOffline from '../../../src/verifier/judge-offline.ts';
import { jpkiSigningPolicy } from '../../../src/verifier/validation-policy.ts';
import { certificatesFromPem } from '../../../src/verifier/x509/pem.ts';

// `judge-in-node.js SRC FOLDER ROOT CRL AT`: the engine alone over the documents of a folder, in this thread, octets in memory.
const [own = '', folder = '', root = '', crl = '', at = ''] = process.argv.slice(2);
const { judgeOffline } = (await import(join(own, 'verifier/judge-offline.js'))) as typeof JudgeOffline;
const rules = {
  trustAnchors: certificatesFromPem(readFileSync(root, 'utf8')),
  intermediates: [],
  data: { crls: [new Uint8Array(readFileSync(crl))], ocsp: [] },
  revocation: 'asked',
  policy: jpkiSigningPolicy('test', 'EITHER'),
  at: Date.parse(at) as never,
} as const;
const documents = readdirSync(folder).map((name) => new Uint8Array(readFileSync(join(folder, name))));
const [cpu, began] = [process.cpuUsage(), performance.now()];
let passed = 0;
for (const document of documents) {
  const subject = { kind: 'document', document, profile: 'enveloped' } as const;
  if (judgeOffline(subject, 'digest-info', rules).report.indication === 'TOTAL-PASSED') passed += 1;
}
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ passed, wall: performance.now() - began, processor: (user + system) / 1000 }));
