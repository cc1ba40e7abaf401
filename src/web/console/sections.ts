import type { Console, ConsoleSection } from './console.ts';

/** What the console of this role has, in the order of its navigation. */
export function sectionsOf(console: Console): readonly ConsoleSection[] {
  const records =
    console.role === 'pf'
      ? { ja: '検証', en: 'Verifications' }
      : { ja: console.role === 'sp' ? '申請' : '申請と検証', en: 'Applications' };
  const sections: readonly (ConsoleSection & { readonly port?: unknown })[] = [
    { path: '/console/records', act: 'records.read', label: records },
    { path: '/console/work', act: 'work.read', label: { ja: '滞留と失敗', en: 'Failed work' } },
    { path: '/console/metrics', act: 'metrics.read', label: { ja: '状況', en: 'Metrics' } },
    {
      path: '/console/evidence',
      act: 'evidence.check',
      label: { ja: '証跡の確認', en: 'Evidence' },
      port: console.records.checkEvidence ?? null,
    },
    {
      path: '/console/ageing',
      act: 'evidence.ageing',
      label: { ja: '証跡の期限', en: 'Ageing' },
      port: console.ageing ?? null,
    },
    {
      path: '/console/webhooks',
      act: 'webhooks.read',
      label: { ja: '通知', en: 'Webhooks' },
      port: console.webhooks ?? null,
    },
    {
      path: '/console/api-keys',
      act: 'api-keys.read',
      label: { ja: 'APIキー', en: 'API keys' },
      port: console.apiKeys ?? null,
    },
    {
      path: '/console/settings',
      act: 'settings.read',
      label: { ja: '設定', en: 'Settings' },
      port: console.settings ?? null,
    },
    {
      path: '/console/fees',
      act: 'fees.read',
      label: { ja: '手数料', en: 'Fees' },
      port: console.fees ?? null,
    },
    { path: '/console/keys', act: 'keys.read', label: { ja: '鍵', en: 'Keys' }, port: console.keys ?? null },
    {
      path: '/console/tenants',
      act: 'tenants.read',
      label: { ja: '利用機関', en: 'Tenants' },
      port: console.tenants ?? null,
    },
    {
      path: '/console/approvals',
      act: 'approvals.read',
      label: { ja: '承認', en: 'Approvals' },
      port: Object.keys(console.changes).length > 0 ? console.changes : null,
    },
    { path: '/console/audit', act: 'audit.read', label: { ja: '監査記録', en: 'Audit' } },
    { path: '/console/operators', act: 'operators.read', label: { ja: '運用者', en: 'Operators' } },
  ];
  return sections.filter(({ port }) => port !== null);
}
