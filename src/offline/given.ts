import { fromBase64 } from '../core/encoding.ts';
import type { Asked, GivenFile, Told } from './judge.ts';

/** What who made the page put into it; whether it is believed is the reader's to say. */
export interface Given {
  /** Trust anchors of the operator who offers the page. */
  readonly trust?: readonly GivenFile[];
  /** A case that was judged already, with what was told of it. */
  readonly kept?: { readonly asked: Asked; readonly told: Pick<Told, 'status' | 'text'> };
}

/** Reads the data block of the page: octets lie in it as `{"base64": …}` (src/cli/verify/offline-page.ts). */
export function readGiven(text: string): Given {
  return JSON.parse(text, (_name, value: unknown) => {
    const base64: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, 'base64') : undefined;
    return typeof base64 === 'string' ? fromBase64(base64) : value;
  }) as Given;
}
