import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { PriceRule } from '../../core/fees/price-list.ts';

const yen = z.number().int().min(0).max(1_000_000);
const priceListSchema = z
  .array(
    z.strictObject({
      certificate: z.enum(['signing', 'user-authentication']),
      method: z.enum(['CRL', 'OCSP']),
      from: z.iso.date(),
      list_price: yen,
      charged_price: yen,
      rule: z
        .string()
        .regex(/^[0-9a-z-]{1,64}$/)
        .optional(),
    }),
  )
  .min(1);

/** The price file: a JSON list of rules, each from a day on. @throws JitsuinError `config.invalid` */
export function readPrices(json: unknown): readonly PriceRule[] {
  const parsed = priceListSchema.safeParse(json);
  if (!parsed.success) {
    throw new JitsuinError('config.invalid', 'The price file is not a list of price rules.', {
      at: 'JITSUIN_PF_PRICES_FILE',
    });
  }
  return parsed.data.map(({ certificate, method, from, list_price, charged_price, rule }) =>
    defined({
      certificate,
      method,
      from,
      listPrice: list_price,
      chargedPrice: charged_price,
      rule,
    }),
  );
}
