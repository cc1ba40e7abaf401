/** Spellings of one ECDSA value on P-384, and values that anybody makes from it. */
const N = BigInt(
  '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
);

function integer(octets: Uint8Array): Buffer {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start += 1;
  const minimal = Buffer.from(octets.subarray(start));
  const content = (minimal[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), minimal]) : minimal;
  return Buffer.concat([Buffer.from([2, content.length]), content]);
}

/** SEQUENCE { r, s } of r ‖ s. */
export function derValue(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  const content = Buffer.concat([integer(raw.subarray(0, half)), integer(raw.subarray(half))]);
  return new Uint8Array(Buffer.concat([Buffer.from([0x30, content.length]), content]));
}

/** r ‖ n - s: verifies as well as r ‖ s, and nobody needs the key for it. */
export function otherValue(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  const s = BigInt(`0x${Buffer.from(raw.subarray(half)).toString('hex')}`);
  const other = Buffer.from((N - s).toString(16).padStart(2 * half, '0'), 'hex');
  return new Uint8Array(Buffer.concat([raw.subarray(0, half), other]));
}
