import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/core/encoding.ts';
import { readOnlySignature } from '../../src/core/forms/form-signature.ts';
import { parseXml } from '../../src/core/xml/parse.ts';
import { XML_SIGNATURE_PROFILES } from '../../src/core/xmldsig/profile-table.ts';
import { signedTarget } from '../../src/core/xmldsig/signed-octets.ts';
import { documentSource } from '../../src/verifier/explain/document-sources.ts';
import { explainDigest } from '../../src/verifier/explain/explain.ts';
import { OctetBudget } from '../../src/verifier/explain/octet-budget.ts';
import { readings } from '../../src/verifier/explain/readings.ts';
import { XML_SHAPES } from '../support/load/xml-shapes.ts';
import { signDocument } from '../support/xmldsig/signing.ts';

const PROFILE = 'enveloped';
const signed = signDocument('<r><b/></r>', PROFILE);

function withShape(name: string, size: number): Uint8Array {
  const inside = (XML_SHAPES[name] ?? String)(size);
  return toUtf8(signed.replace('<b/>', () => `<b>${inside}</b>`));
}

/** Octets that all readings together make, when nothing stops them. */
function octetsMade(octets: Uint8Array): number {
  const document = parseXml(octets);
  const profile = XML_SIGNATURE_PROFILES[PROFILE];
  const { signature } = readOnlySignature(document, profile.form);
  const budget = new OctetBudget(Number.MAX_SAFE_INTEGER);
  const target = signedTarget(profile, document.root, signature);
  for (const { octets: each } of readings(
    documentSource(document, document.root, signature, target),
    budget,
  )) {
    if (each.length === 0) throw new Error('a reading of nothing');
  }
  return Number.MAX_SAFE_INTEGER - budget.left;
}

describe.each(Object.keys(XML_SHAPES))('explaining a digest, shape %s', (name) => {
  it('twice the size makes at most three times the octets', () => {
    const [once, twice] = [withShape(name, 250), withShape(name, 500)].map(octetsMade);
    expect(twice ?? 0).toBeLessThanOrEqual(3 * (once ?? 0));
  });

  it('a large document stays within the budget', () => {
    const explained = explainDigest(withShape(name, 100_000), { profile: PROFILE });
    expect(explained.tried.length).toBeGreaterThan(0);
  });
});
