import { readZip } from '../adapters/files/read-zip.ts';
import { asJitsuinError } from '../core/errors.ts';
import type { FormCatalogue } from '../core/forms/catalogue.ts';
import { isZip } from '../core/forms/package.ts';
import { type InspectedSignature, type Inspection, inspectDocument } from '../verifier/forms/inspect.ts';
import type { Command } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { onlyFile, readOctets } from './document-arguments.ts';
import { formsOf } from './forms.ts';

interface InspectedFile {
  readonly name: string;
  readonly inspection?: Inspection;
  /** Why it could not be read as XML. */
  readonly unread?: string;
}

/** `jitsuin inspect`: what a signed file shows, without a verdict. */
export const command: Command = declareCommand({
  name: 'inspect',
  operands: 'FILE',
  about: `Tells what stands in FILE (- for standard input; a ZIP is opened) without judging it: the forms it is written
in, its Signatures, References, algorithms and certificates, and what would not be covered. It computes nothing and
trusts nothing: whether a signature is right is for "jitsuin verify" in the form that you agreed upon.`,
  options: { json: { type: 'boolean', means: 'print one JSON object' } },
  more: 'Exit status: 0 told; 1 FILE is not XML that can be read, and no ZIP with such a file; 2 wrong use.',
  async run({ json }, operands, io) {
    const path = onlyFile(operands);
    const octets = await readOctets(path);
    const files = inspectedFiles(path, octets, await formsOf(io));
    io.stdout(json ? `${JSON.stringify({ files }, null, 2)}\n` : files.map(asText).join('\n'));
    return files.some(({ inspection }) => inspection !== undefined) ? 0 : 1;
  },
});

function inspectedFiles(path: string, octets: Uint8Array, forms: FormCatalogue): readonly InspectedFile[] {
  if (!isZip(octets)) return [inspectedFile(path, octets, forms)];
  return readZip(octets).map((entry) =>
    /\.xml$/i.test(entry.name)
      ? inspectedFile(entry.name, entry.octets, forms)
      : { name: entry.name, unread: `${entry.octets.length} octets, not looked into` },
  );
}

function inspectedFile(name: string, octets: Uint8Array, forms: FormCatalogue): InspectedFile {
  const kind = kindOf(octets);
  if (kind !== undefined) return { name, unread: kind };
  try {
    return { name, inspection: inspectDocument(octets, forms) };
  } catch (thrown) {
    const { kind: fault, code, message } = asJitsuinError(thrown);
    if (fault === 'internal') throw thrown;
    return { name, unread: `${code}: ${message}` };
  }
}

const KINDS: readonly (readonly [string, string])[] = [
  ['%PDF', 'a PDF: its signatures lie inside of it and are not read; sign it as a file (detached) here'],
  ['\x30', 'DER: a certificate, a CMS signature (.p7s), a time-stamp or the like; no XML'],
  ['-----BEGIN', 'PEM: certificates or keys; no XML'],
];

function kindOf(octets: Uint8Array): string | undefined {
  const start = Buffer.from(octets.subarray(0, 16)).toString('latin1');
  return KINDS.find(([begins]) => start.startsWith(begins))?.[1];
}

function asText({ name, inspection, unread }: InspectedFile): string {
  if (inspection === undefined) return `${plain(name)}\n  not read        ${plain(unread ?? '')}\n`;
  const { root, elements, signatures, otherSignatures, forms } = inspection;
  const fitting = forms.filter(({ fits }) => fits);
  const lines = [
    plain(name),
    `  document        ${named(root)}, ${elements} elements`,
    ...(signatures.length === 0 ? ['  Signature       none: nobody has signed in this document'] : []),
    ...signatures.flatMap((signature, index) => signatureLines(signature, index + 1)),
    ...otherSignatures.map((other) => `  no Signature    ${named(other)} is called so, in another namespace`),
    ...fitting.map(
      ({ name: form, basis, title }) => `  written as      ${form} (${basis}): ${title.ja} / ${title.en}`,
    ),
    ...(fitting.length === 0 && signatures.length > 0
      ? ['  written as      no form that is known here:']
      : []),
    ...(fitting.length === 0 && signatures.length > 0
      ? forms.map(({ name: form, difference }) => `    ${form.padEnd(16)}${plain(difference ?? '')}`)
      : []),
    ...fitting.flatMap(({ name: form, uncovered = [] }) =>
      uncovered.map(
        ({ kind, name: part, offset }) =>
          `  not covered     ${kind}${part === undefined ? '' : ` ${plain(part)}`} at octet ${offset} (form ${form})`,
      ),
    ),
    '  Nothing was judged: "jitsuin verify" does, in the form that you name.',
  ];
  return `${lines.join('\n')}\n`;
}

function signatureLines(signature: InspectedSignature, number: number): readonly string[] {
  const { path, id, layout, canonicalization, algorithm, references, valueLength, certificates } = signature;
  return [
    `  Signature ${number}     at ${plain(path.join('/'))}${id === undefined ? '' : `, Id ${plain(id)}`} (${layout})`,
    `    algorithm     ${short(algorithm)}, SignedInfo by ${short(canonicalization)}`,
    `    value         ${valueText(valueLength)}`,
    ...references.map(({ uri, target, name, found, transforms, digest }) => {
      const what = target === 'none' ? 'no URI' : `URI="${plain(uri ?? '')}"`;
      const whom =
        target === 'other' || target === 'none' ? '' : `, ${target} ${plain(name ?? 'that is not there')}`;
      const many = found !== undefined && found > 1 ? ` (${found} elements have this ID)` : '';
      const list = transforms.length === 0 ? 'no transforms' : transforms.map(short).join(' + ');
      return `    Reference     ${what}${whom}${many}: ${list}, ${short(digest)}`;
    }),
    ...certificates.map(
      ({ subject, issuer, notBefore, notAfter, ca }) =>
        `    ${ca ? 'CA            ' : 'certificate   '}${plain(subject)}; by ${plain(issuer)}; ` +
        `${notBefore} to ${notAfter}`,
    ),
    ...(certificates.length === 0
      ? [`    certificate   none; KeyInfo: ${signature.keyInfo.map(plain).join(', ')}`]
      : []),
    ...signature.others.map((other) => `    also          ${plain(other)}`),
  ];
}

function valueText(length: number | undefined): string {
  if (length === undefined) return 'not there, or no base64';
  return length === 0 ? 'empty: nobody has signed yet' : `${length} octets`;
}

function named({ localName, namespace }: Inspection['root']): string {
  return plain(namespace === '' ? localName : `{${namespace}}${localName}`);
}

function short(uri: string | undefined): string {
  if (uri === undefined) return 'none';
  return plain(uri.replace(/^http:\/\/www\.w3\.org\/(?:TR\/)?(?:\d{4}\/)?(?:\d{2}\/)?/, ''));
}

/** As a terminal may show it: nothing that moves the cursor or turns text round. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}]/gu, '\u{fffd}').slice(0, 300);
}
