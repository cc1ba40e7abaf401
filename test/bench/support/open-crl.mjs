/**
 * Run apart and as plain JavaScript, so that its memory is its own and no loader's:
 * `open-crl CRL.js X509.js CRL.der CA.der COUNT STRIDE FIRST` prints one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [
  crlModule = '',
  x509Module = '',
  crlFile = '',
  caFile = '',
  countText = '0',
  stride = '0',
  first = '0',
] = process.argv.slice(2);
const { openCrl } = await import(pathToFileURL(crlModule).href);
const { parseCertificate } = await import(pathToFileURL(x509Module).href);
const count = Number(countText);
const ca = parseCertificate(readFileSync(caFile));
const before = process.memoryUsage.rss();
const der = readFileSync(crlFile);
const cpuBefore = process.cpuUsage();
const begin = performance.now();
const crl = openCrl(der, { issuers: [ca] });
const openMilliseconds = performance.now() - begin;
const cpu = process.cpuUsage(cpuBefore);
const rss = peakOctets();

/** Every second one is not in the CRL. */
const serials = Array.from({ length: 400_000 }, (_, n) => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(Number(first) + ((n * 7919) % count) * Number(stride) + (n % 2));
  return new Uint8Array(octets);
});
let found = 0;
const start = performance.now();
for (const serial of serials) if (crl.find(serial, ca.subject) !== undefined) found += 1;
const lookupsPerSecond = serials.length / ((performance.now() - start) / 1000);
if (crl.entryCount !== count || found !== serials.length / 2) throw new Error('The index is wrong.');
console.log(
  JSON.stringify({
    entries: count,
    openMilliseconds,
    cpuMilliseconds: (cpu.user + cpu.system) / 1000,
    lookupsPerSecond,
    rssMegabytes: rss / 1e6,
    rssBefore: before / 1e6,
  }),
);

/** VmHWM starts anew with a program; maxRSS of a child begins with what its parent had. */
function peakOctets() {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return Number(kilobytes) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
