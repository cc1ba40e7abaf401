import { fromBase64, toBase64 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';

/** Head of a log (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** @throws JitsuinError `tlog.invalid` */
export function readCheckpoint(text: string): Checkpoint {
  const [origin = '', count = '', root = '', ...rest] = text.split('\n');
  const size = Number(count);
  const right = origin !== '' && /^(0|[1-9][0-9]*)$/.test(count) && Number.isSafeInteger(size);
  const hash = /^[A-Za-z0-9+/]{43}=$/.test(root) ? fromBase64(root) : undefined;
  if (right && hash?.length === 32 && rest.at(-1) === '') return { origin, size, root: hash };
  throw new JitsuinError('tlog.invalid', 'The note is no checkpoint of a log.');
}
