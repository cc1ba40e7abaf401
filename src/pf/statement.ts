import type { Statement } from '../contracts/verification.ts';
import { defined } from '../core/defined.ts';
import type { StatementSheet } from '../core/fees/statement-sheet.ts';
import type { FeeLedger } from '../ports/fee-ledger.ts';

const PURPOSES = {
  'signature-verification': 'SIGNATURE_VERIFICATION',
  'status-check': 'STATUS_CHECK',
} as const;

/** The charged checks of a tenant's month. */
export async function statementOf(fees: FeeLedger, tenant: string, month: string): Promise<Statement> {
  const entries = await fees.ofMonth(tenant, month);
  const total = (of: (entry: (typeof entries)[number]) => number) =>
    entries.reduce((sum, entry) => sum + of(entry), 0);
  return {
    tenant,
    month,
    currency: 'JPY',
    count: entries.length,
    list_total: total(({ listPrice }) => listPrice),
    charged_total: total(({ chargedPrice }) => chargedPrice),
    entries: entries.map((entry) =>
      defined({
        id: entry.id,
        at: new Date(entry.at).toISOString(),
        verification_id: entry.verificationId,
        certificate: entry.certificate,
        check_method: entry.method,
        check_purpose: PURPOSES[entry.purpose],
        result: entry.result,
        list_price: entry.listPrice,
        charged_price: entry.chargedPrice,
        rule: entry.rule,
      }),
    ),
  };
}

const COLUMNS = [
  'id',
  'at',
  'verification_id',
  'certificate',
  'check_method',
  'check_purpose',
  'result',
  'list_price',
  'charged_price',
  'rule',
] as const;

/** The entries as CSV (RFC 4180). Every value is one of ours, without a comma, a quote or a formula. */
export function statementCsv({ entries }: Statement): string {
  const lines = entries.map((entry) => COLUMNS.map((column) => String(entry[column] ?? '')).join(','));
  return [COLUMNS.join(','), ...lines].map((line) => `${line}\r\n`).join('');
}

const CERTIFICATES = { signing: '署名用', 'user-authentication': '利用者証明用' } as const;
const MEANT = { SIGNATURE_VERIFICATION: '署名の検証', STATUS_CHECK: '有効性の再確認' } as const;

/**
 * A month as a bill has it: checks of one kind and price in one line, the sum, and the consumption tax on it, where the
 * operator says that one is due. The tax is rounded down once for the whole sheet.
 */
export function statementSheet(statement: Statement, taxPercent?: number): StatementSheet {
  const lines = new Map<string, StatementSheet['lines'][number]>();
  for (const {
    certificate,
    check_method: method,
    check_purpose,
    charged_price: price,
  } of statement.entries) {
    const what = `${CERTIFICATES[certificate]} ${method} ${MEANT[check_purpose]}`;
    const key = `${what} ${price}`;
    const count = (lines.get(key)?.count ?? 0) + 1;
    lines.set(key, { what, price, count, amount: count * price });
  }
  const { tenant, month, charged_total: net } = statement;
  const tax =
    taxPercent === undefined
      ? undefined
      : { percent: taxPercent, amount: Math.floor((net * taxPercent) / 100) };
  const sorted = [...lines.values()].sort((a, b) => (a.what < b.what ? -1 : 1));
  return defined({ tenant, month, lines: sorted, net, tax, total: net + (tax?.amount ?? 0) });
}
