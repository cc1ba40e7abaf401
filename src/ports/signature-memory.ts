import type { EpochMillis } from '../core/brand.ts';

/**
 * Which verification has a signature value, over all tenants of a store; remembered by a keyed hash, in no other
 * form.
 */
export interface SignatureMemory {
  /** Has the signature kept for this verification unless another one has it; gives who has it. */
  claim(signature: SignatureOctets, verification: string, now: EpochMillis): Promise<string>;
  /** From a verification that ended without a verdict to another; false when somebody else took it over first. */
  takeOver(signature: SignatureOctets, from: string, to: string): Promise<boolean>;
}

/** A signature value and where it was made: the test environment's is another than production's. */
export interface SignatureOctets {
  readonly environment: 'test' | 'production';
  readonly value: Uint8Array;
}
