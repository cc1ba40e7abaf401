import { JitsuinError } from '../errors.ts';
import type { AttachedFile } from './attached-files.ts';
import type { Form } from './form.ts';

/** An entry of an archive, folders included in its name. */
export interface PackedFile {
  readonly name: string;
  readonly octets: Uint8Array;
}

/** The parts of a package. */
export interface Unpacked {
  readonly document: Uint8Array;
  readonly documentName: string;
  readonly files: readonly AttachedFile[];
}

/**
 * The document and the files of a package as a form has it: one folder, or a flat one where the form does not ask for
 * a folder.
 * @param called which of them is the document, where the form does not say
 * @throws JitsuinError `usage.arguments`
 */
export function unpackedForm(entries: readonly PackedFile[], form: Form, called?: string): Unpacked {
  const folders = new Set(entries.map(({ name }) => name.slice(0, name.lastIndexOf('/') + 1)));
  const [folder = ''] = folders;
  if (folders.size > 1 || folder.indexOf('/') !== folder.lastIndexOf('/') || /^\.{0,2}\/|\\/.test(folder))
    throw fault('The ZIP must hold its files in one folder, and no folder in that.');
  if (form.container?.zip === 'one-folder' && folder === '')
    throw fault(`The ZIP has no folder; form ${form.name} has one, and a receiver refuses a flat ZIP.`);
  const files = new Map(entries.map(({ name, octets }) => [name.slice(folder.length), octets]));
  if (files.size < entries.length) throw fault('The ZIP holds two files of the same name.');
  const documentName = called ?? form.container?.document;
  if (documentName === undefined)
    throw fault(`Form ${form.name} does not say which file of a ZIP is the document; name it.`);
  const document = files.get(documentName);
  if (document === undefined) throw fault(`The ZIP holds no "${documentName}".`);
  files.delete(documentName);
  return { document, documentName, files: [...files].map(([name, octets]) => ({ name, octets })) };
}

function fault(message: string): JitsuinError {
  return new JitsuinError('usage.arguments', message, { at: 'zip' });
}

/** Whether octets begin as a ZIP does. */
export function isZip(octets: Uint8Array): boolean {
  return octets[0] === 0x50 && octets[1] === 0x4b && octets[2] === 0x03 && octets[3] === 0x04;
}
