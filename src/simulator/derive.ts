import { hkdfSync } from 'node:crypto';

/** Octets that depend on seed and label only (HKDF-SHA-256, RFC 5869). */
export function derive(seed: string, label: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', seed, 'jitsuin-simulator', label, length));
}

/** A number from 0 up to, not including, `bound`. */
export function deriveInt(seed: string, label: string, bound: number): number {
  return derive(seed, label, 4).readUInt32BE() % bound;
}

/** UUID shape as the service's examples have it: the version nibble is whatever comes. */
export function deriveUuid(seed: string, label: string): string {
  return uuidShape(derive(seed, label, 16));
}

/** 16 octets written in the 8-4-4-4-12 form. */
export function uuidShape(octets: Uint8Array): string {
  const hex = Buffer.from(octets).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
