/** Run apart, so that its memory is its own: `peak FILE parsed|streamed` prints one line of JSON. */
import { readFileSync } from 'node:fs';
import { C14N_1_0 } from '../../../src/core/c14n/algorithms.ts';
import { canonicalize } from '../../../src/core/c14n/canonicalize.ts';
import { canonicalizeOctets } from '../../../src/core/c14n/stream.ts';
import { Sha256Sink } from '../../../src/core/digest/sha256.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';

const [file = '', way = 'parsed'] = process.argv.slice(2);
const octets = readFileSync(file);
const begin = process.cpuUsage();
const sink = new Sha256Sink();
if (way === 'streamed') canonicalizeOctets(octets, { algorithm: C14N_1_0 }, sink);
else canonicalize(parseXml(octets), { kind: 'document' }, { algorithm: C14N_1_0 }, sink);
const { user, system } = process.cpuUsage(begin);
console.log(
  JSON.stringify({
    digest: Buffer.from(sink.digest()).toString('hex'),
    milliseconds: (user + system) / 1000,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
);
