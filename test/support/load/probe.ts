import { createPublicKey } from 'node:crypto';
import { judgeUpload } from '../../../src/verifier/judge-upload.ts';
import { jpkiSigningPolicy } from '../../../src/verifier/validation-policy.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { APPLICATION } from '../xmldsig/documents.ts';
import { signDocument, AT } from '../xmldsig/signing.ts';
import { XML_SHAPES } from './xml-shapes.ts';
const sizes = process.argv[2] ? process.argv[2].split(',').map(Number) : [60_000, 120_000];
const only = process.argv[3];
const signed = signDocument(APPLICATION, 'enveloped');
const byId = signDocument('<r><申請書 Id="a1"><x/></申請書></r>', 'by-id');
for (const [name, shape] of Object.entries(XML_SHAPES)) {
  if (only && name !== only) continue;
  for (const [profile, base] of [['enveloped', signed], ['by-id', byId]] as const) {
    const row: string[] = [];
    for (const size of sizes) {
      const at = profile === 'enveloped' ? base.lastIndexOf('</申請書') : base.indexOf('<x/>');
      const doc = toUtf8(base.slice(0, at) + shape(size) + base.slice(at));
      const t = process.cpuUsage(); const m = process.memoryUsage();
      let verdict = '';
      try {
        const j = await judgeUpload({ octets: doc, profile }, { trustAnchors: [], at: AT, policy: jpkiSigningPolicy('simulated' as never, 'CRL') });
        verdict = j.report.checks.find((c) => c.result === 'failed' || c.result === 'indeterminate')?.code ?? 'ok';
      } catch (e) { verdict = 'THROWN ' + (e as Error).message; }
      const u = process.cpuUsage(t); const a = process.memoryUsage();
      row.push(`${doc.length}: ${Math.round((u.user + u.system) / 1000)}ms +${Math.round((a.rss - m.rss) / 1e6)}MB ${verdict}`);
    }
    console.log(profile.padEnd(10), name.padEnd(20), row.join('  |  '));
  }
}
