import type { ErrorCode } from '../../../core/errors.ts';

/** What the token's process is told at its start. */
export interface TokenPlace {
  /** The vendor's PKCS#11 module, a shared library. */
  readonly module: string;
  /** Label of the token (CK_TOKEN_INFO); slots are found by it, never by their number. */
  readonly token: string;
  /** File of mode 600 whose first line is the user PIN. */
  readonly pinFile: string;
  /** Sessions, and so operations at once. */
  readonly sessions: number;
}

export type TokenKeyUse = 'agreement' | 'signature' | 'encryption';

/** A private or secret key as the token shows it. */
export interface TokenKey {
  /** CKA_ID, hexadecimal. */
  readonly id: string;
  readonly label: string;
  readonly uses: readonly TokenKeyUse[];
  readonly kind: 'P-256' | 'AES-256' | 'other';
  /** Coordinates of the public point, base64url, where the token tells it. */
  readonly x?: string;
  readonly y?: string;
  /** CKA_SENSITIVE true and CKA_EXTRACTABLE false: the token gives its value to nobody. */
  readonly stays: boolean;
}

export type TokenRequest =
  | { readonly does: 'keys' }
  | { readonly does: 'generate'; readonly id: string; readonly label: string; readonly use: TokenKeyUse }
  | { readonly does: 'destroy'; readonly id: string }
  | { readonly does: 'agree'; readonly id: string; readonly point: Uint8Array }
  | { readonly does: 'sign'; readonly id: string; readonly digest: Uint8Array }
  | {
      readonly does: 'encrypt' | 'decrypt';
      readonly id: string;
      readonly octets: Uint8Array;
      readonly aad: Uint8Array;
    };

export interface TokenFault {
  readonly code: ErrorCode;
  readonly message: string;
  /** The name of the Cryptoki return value, for example CKR_PIN_INCORRECT. */
  readonly cryptoki?: string;
  /**
   * `process`: the process that held the token ends, another one may find it again. `pin`: the token refused the PIN;
   * trying again would lock it.
   */
  readonly ends?: 'process' | 'pin';
}

export type ToToken =
  | { readonly number: number; readonly request: TokenRequest }
  | { readonly place: TokenPlace };

export type FromToken =
  | { readonly number: number; readonly result: unknown }
  | { readonly number: number; readonly fault: TokenFault }
  | { readonly opened: true }
  | { readonly refused: TokenFault };
