import { constants, type KeyObject, privateEncrypt } from 'node:crypto';
import { hashIn } from '../auth-and-sign/signing-input.ts';
import type { IssuedCard } from '../jpki/registry.ts';
import type { CardState } from '../people.ts';
import { signDigest } from './ecdsa-digest.ts';

/** Wrong tries of the signing PIN before the card locks it. */
export const PIN_TRIES = 5;

/** Why the card gave no signature. */
type CardRefusal = 'locked' | 'not-installed';

type CardSignature =
  | { readonly kind: 'signed'; readonly signatureValue: Buffer; readonly certificate: Buffer }
  | { readonly kind: 'refused'; readonly reason: CardRefusal };

/** A pretended My Number Card: it signs what it is handed and knows nothing of hashes. */
export interface SimulatedCard {
  readonly issued: IssuedCard;
  readonly state: CardState;
  /** Tries of the signing PIN that are left; 0 is locked. */
  readonly triesLeft: number;
  /** One PIN entry. A right one restores the tries, unless the card is locked already. */
  enterPin(entry: 'right' | 'wrong'): 'accepted' | 'wrong' | 'locked';
  /** What the municipality's counter does. */
  unlock(): void;
  /**
   * Raw RSA private operation with PKCS #1 v1.5 type 1 padding over `digestInfo` as it is (RFC 8017 section 9.2); of
   * the next card ECDSA over the hash in it, r ‖ s.
   */
  sign(digestInfo: Uint8Array): CardSignature;
}

export function makeCard(issued: IssuedCard): SimulatedCard {
  const { card: state } = issued.resident;
  let triesLeft = state === 'locked' ? 0 : PIN_TRIES;
  return {
    issued,
    state,
    get triesLeft() {
      return triesLeft;
    },
    enterPin(entry) {
      if (triesLeft === 0) return 'locked';
      triesLeft = entry === 'right' ? PIN_TRIES : triesLeft - 1;
      if (entry === 'right') return 'accepted';
      return triesLeft === 0 ? 'locked' : 'wrong';
    },
    unlock() {
      triesLeft = PIN_TRIES;
    },
    sign(digestInfo) {
      if (state === 'not-installed') return { kind: 'refused', reason: 'not-installed' };
      if (triesLeft === 0) return { kind: 'refused', reason: 'locked' };
      return {
        kind: 'signed',
        signatureValue: rawSignature(issued.signKey.privateKey, digestInfo),
        certificate: issued.signCertificate.der,
      };
    },
  };
}

function rawSignature(key: KeyObject, digestInfo: Uint8Array): Buffer {
  if (key.asymmetricKeyType === 'ec') return signDigest(key, hashIn(digestInfo));
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo);
}
