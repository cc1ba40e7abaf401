import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventWords } from '../../../src/web/console/event-words.ts';

const root = resolve(import.meta.dirname, '../../..');
const sources = ['src', 'workers'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(root, folder, file), 'utf8')),
);
const APPROVALS = ['requested', 'approved', 'done', 'failed', 'declined', 'withdrawn'];

/** Events that the source writes into the audit chain, as it spells them. */
function writtenEvents(): readonly string[] {
  const literal = /\bevent: '([a-z-]+\.[a-z-]+)'/g;
  const ofWebhooks = /webhookAudit\(\w+, '([a-z-]+)'/g;
  const passed = /\baudit\((?:ports|\w+), '(passkey\.[a-z-]+)'/g;
  const found = sources.flatMap((text) => [
    ...[...text.matchAll(literal)].map(([, event = '']) => event),
    ...[...text.matchAll(ofWebhooks)].map(([, event = '']) => `webhook.${event}`),
    ...[...text.matchAll(passed)].map(([, event = '']) => event),
  ]);
  // of logs of their own, not of the chain
  const elsewhere = new Set(['witness.alarm', 'witness.failed']);
  const states = APPROVALS.map((state) => `approval.${state}`);
  return [...new Set([...found, ...states, 'job.retried', 'job.dropped'])].filter(
    (event) => !elsewhere.has(event),
  );
}

describe('the words of audit records', () => {
  it('every event that is written has words in both languages', () => {
    const events = writtenEvents();
    expect(events.length).toBeGreaterThan(40);
    expect(events).toContain('webhook.test-sent');
    expect(events.filter((event) => eventWords(event) === undefined)).toEqual([]);
  });

  it('what is no event has none', () => {
    for (const event of ['application.eaten', 'nothing', '', 'toString.x', 'application.toString'])
      expect(eventWords(event), event).toBeUndefined();
  });
});
