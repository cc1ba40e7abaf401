import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { fromUtf8 } from '../core/encoding.ts';
import type { SignedElementSelector, XmlSignatureProfileName } from '../core/xmldsig/prepared-signature.ts';
import {
  DEFAULT_PROFILE,
  isXmlSignatureProfileName,
  XML_SIGNATURE_PROFILES,
} from '../core/xmldsig/profile-table.ts';
import { type CommandIo, UsageError } from './command.ts';
import { writePrivate } from './private-file.ts';

/** The octets of a file, or of standard input for `-`. */
export async function readOctets(path: string): Promise<Uint8Array> {
  return new Uint8Array(path === '-' ? await buffer(process.stdin) : await readFile(path));
}

/** Octets of UTF-8 text to a file, or to standard output for `-`. */
export async function writeOctets(path: string, octets: Uint8Array, io: CommandIo): Promise<void> {
  if (path === '-') io.stdout(fromUtf8(octets));
  else await writePrivate(path, octets);
}

/** The one operand of a command line, for example its `ID`. @throws UsageError */
export function onlyOperand(operands: readonly string[], name: string, how = 'give one'): string {
  const [operand, second] = operands;
  if (operand === undefined) throw new UsageError(`the ${name} is missing; ${how}.`);
  if (second !== undefined) throw new UsageError(`"${second}" is one ${name} too many; give exactly one.`);
  return operand;
}

/** The one FILE of a command line. @throws UsageError */
export function onlyFile(operands: readonly string[]): string {
  return onlyOperand(operands, 'FILE', 'name one, or - for standard input');
}

/** `--element NAME` or `--id ID` as a selector. @throws UsageError when both are given */
export function selectorOption(values: {
  readonly element?: string | undefined;
  readonly id?: string | undefined;
}): { readonly signedElement?: SignedElementSelector } {
  const { element, id } = values;
  if (element !== undefined && id !== undefined)
    throw new UsageError('--element and --id are two ways to say one thing; give one.');
  if (element !== undefined) return { signedElement: { name: element } };
  return id === undefined ? {} : { signedElement: { id } };
}

/** `--profile` of an XML Signature. @throws UsageError */
export function xmlProfileOption(text: string | undefined): XmlSignatureProfileName {
  const profile = text ?? DEFAULT_PROFILE;
  if (isXmlSignatureProfileName(profile)) return profile;
  throw new UsageError(
    `--profile ${profile} is not known; it is one of ${Object.keys(XML_SIGNATURE_PROFILES).join(', ')}.`,
  );
}

/** `--profile` where a file may also be signed as it is. @throws UsageError */
export function profileOption(text: string | undefined): XmlSignatureProfileName | 'detached' {
  return text === 'detached' ? text : xmlProfileOption(text);
}
