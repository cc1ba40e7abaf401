import type { Console, ConsoleSection } from './console.ts';

/** What the console of this role has, in the order of its navigation. */
export function sectionsOf(console: Console): readonly ConsoleSection[] {
  const records =
    console.role === 'pf' ? { ja: '検証', en: 'Verifications' } : { ja: '申請と検証', en: 'Applications' };
  return [
    { path: '/console/records', act: 'records.read', label: records },
    { path: '/console/work', act: 'work.read', label: { ja: '滞留と失敗', en: 'Stuck and failed work' } },
  ];
}
