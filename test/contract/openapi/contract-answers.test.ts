import { describe, expect, it } from 'vitest';
import type { ApiRole } from '../../../src/contracts/operations/operation.ts';
import { openApiDocument } from '../../../src/http/openapi/document.ts';
import { CONTRACT_ITEMS, type ContractItem } from '../../../src/pf/tenant-rights.ts';

/** Where an item of a contract is answered: paths and names of members. */
const ANSWERED: Readonly<Record<ContractItem, readonly string[]>> = {
  'basic-attributes': ['/v1/verifications/{id}/content', '/v1/verifications/{id}/consent'],
  'subject-id': ['subject_id', '/v1/subjects/{id}', '/v1/subjects/{id}/status-checks'],
  'certificate-kind': ['/v1/verifications/{id}/certificate'],
  'validity-end': ['valid_until'],
  'revocation-detail': ['revoked_at', 'revocation_reason'],
  // the names of events are one list for all roles; that none but pf sends these is the house's arrows (src/pf)
  'status-notices': [],
};

/** Every name that the document of a role says: of paths and members. */
function namesOf(role: ApiRole): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [name, inner] of Object.entries(part)) {
      names.add(name);
      walk(inner);
    }
  };
  const { paths, components } = openApiDocument(role) as unknown as Record<string, unknown>;
  walk(paths);
  walk(components);
  return names;
}

const NAMES = { sp: namesOf('sp'), gov: namesOf('gov'), pf: namesOf('pf') };
const rows = CONTRACT_ITEMS.flatMap((item) => ANSWERED[item].map((answer) => ({ item, answer })));

/** What each contract gives of a record at pf, and what not, `test/unit/pf/customer-answers.test.ts` walks over all of them. */
describe('item of a contract × answer × role', () => {
  it.each(rows)('$item, $answer: at pf, and nowhere at an sp or a gov', ({ answer }) => {
    const having = (['sp', 'gov', 'pf'] as const).filter((role) => NAMES[role].has(answer));
    expect(having).toEqual(['pf']);
  });

  it('the walk sees what is there', () => {
    for (const role of ['sp', 'gov'] as const) expect(NAMES[role].has('sign_url')).toBe(true);
    expect(NAMES.pf.has('sign_url')).toBe(false);
  });
});
