import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import type { Form } from '../core/forms/form.ts';
import { type PackedFile, type Unpacked, unpackedForm } from '../core/forms/package.ts';

interface UnpackLimits {
  readonly entries: number;
  /** Octets of one file when unpacked. */
  readonly file: number;
  /** Octets of all files when unpacked. */
  readonly total: number;
}

/** The files of a ZIP within limits. @throws JitsuinError `usage.arguments` */
export type Unpack = (octets: Uint8Array, limits: UnpackLimits) => readonly PackedFile[];

/** The ZIP of a form's container as it came over HTTP. @throws JitsuinError `http.body` at `zip` */
export function packedForm(unpack: Unpack, octets: Uint8Array, form: Form, limits: UnpackLimits): Unpacked {
  try {
    return unpackedForm(unpack(octets, limits), form);
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    if (error.code !== 'usage.arguments') throw thrown;
    throw new JitsuinError('http.body', error.message, { at: 'zip', cause: thrown });
  }
}
