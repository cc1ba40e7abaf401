import type { Indication } from '../core/report.ts';
import type { Bilingual } from './bilingual.ts';

/** The colour of a state; it says nothing that the words beside it do not. */
export type Tone = 'good' | 'bad' | 'care';

export interface Outcome {
  readonly tone: Tone;
  /** For staff. */
  readonly label: Bilingual;
  /** For the citizen. */
  readonly citizen: Bilingual;
}

/**
 * What a verdict (EN 319 102-1) is called and how it looks, on every page. "The verification is done" is no
 * outcome: only a passed one is good, and only a proved fault is bad.
 */
export const OUTCOMES: Readonly<Record<Indication, Outcome>> = {
  'TOTAL-PASSED': {
    tone: 'good',
    label: { ja: '有効と確認', en: 'found valid' },
    citizen: { ja: '✓ 署名は有効です。手続は完了しました。', en: 'The signature is valid. You are done.' },
  },
  'TOTAL-FAILED': {
    tone: 'bad',
    label: { ja: '正しくないと確認', en: 'proved wrong' },
    citizen: {
      ja: '✕ 署名が正しくないことを確認しました。お問い合わせ窓口にご連絡ください。',
      en: 'The signature was proved wrong. Please contact us.',
    },
  },
  INDETERMINATE: {
    tone: 'care',
    label: { ja: '判断できず', en: 'could not be decided' },
    citizen: {
      ja: '? 署名が有効かどうかを判断できませんでした。お問い合わせ窓口にご連絡ください。',
      en: 'Whether the signature is valid could not be decided. Please contact us.',
    },
  },
};
