import type { Failure } from '../../core/sign-transaction/events.ts';
import { upstreamErrorRow } from '../../core/sign-transaction/upstream-errors.ts';
import type { Bilingual } from '../bilingual.ts';

/** What a citizen can do after a failure, in order; empty where the sentence on the page says it all. */
export interface NextSteps {
  readonly steps: readonly Bilingual[];
  /** The place that helps with the card itself. */
  readonly link?: { readonly href: string; readonly text: Bilingual };
}

/** 公的個人認証サービス ポータルサイト: where the certificate on the card is looked after. */
const JPKI_PORTAL = {
  href: 'https://www.jpki.go.jp/',
  text: { ja: '公的個人認証サービス ポータルサイト', en: 'JPKI portal site (in Japanese)' },
};
const THEN_AGAIN: Bilingual = {
  ja: '窓口での手続が終わったら、「もう一度署名する」から続けられます。申請の内容を入力し直す必要はありません。この画面に戻れるように、先に「戻るためのリンクを作る」を押して、リンクを保存してください。',
  en:
    'After that, go on with “Sign again”. You need not enter anything again. Before you leave, press “Make a link ' +
    'back to this page” and keep the link.',
};
/** What the verifier found, not the service: the certificate had ended when it was judged. */
const CERTIFICATE_ENDED: NextSteps = {
  steps: [
    {
      ja: '署名用電子証明書が失効しているか、有効期間が過ぎています。お住まいの市区町村の窓口で、新しい電子証明書の発行を受けてください。',
      en: 'The signing certificate was revoked or has expired. Have a new one issued at your municipal office.',
    },
    THEN_AGAIN,
  ],
  link: JPKI_PORTAL,
};
const MUNICIPALITY: Bilingual = {
  ja: 'マイナンバーカードと本人確認書類を持って、お住まいの市区町村の窓口で手続をしてください。',
  en: 'Go to your municipal office with your My Number Card and proof of identity.',
};

const AT_THE_CARD: Readonly<Record<string, NextSteps>> = {
  locked_certificate: {
    steps: [
      {
        ja: 'お住まいの市区町村の窓口で、署名用パスワード(英数字6文字から16文字)を初期化してください。5回続けて間違えるとロックされます。',
        en:
          'Have the signing password (6 to 16 letters and digits) reset at your municipal office. It ' +
          'locks after five wrong entries.',
      },
      {
        ja: '4桁の暗証番号がわかる場合は、スマートフォンの「JPKI暗証番号リセット」アプリで予約し、コンビニエンスストアなどの端末でも初期化できます。',
        en:
          'If you know your four-digit PIN, you can also reset it at a convenience store terminal ' +
          'after a reservation in the app “JPKI暗証番号リセット”.',
      },
      THEN_AGAIN,
    ],
    link: JPKI_PORTAL,
  },
  expired_certificate: {
    steps: [
      {
        ja: 'お住まいの市区町村の窓口で、署名用電子証明書の更新をしてください。カードの有効期限とは別に、電子証明書の有効期限があります。',
        en: 'Have the signing certificate renewed at your municipal office. It expires apart from the card itself.',
      },
      THEN_AGAIN,
    ],
    link: JPKI_PORTAL,
  },
  revoked_certificate: {
    steps: [
      {
        ja: '引っ越しや氏名の変更などで、署名用電子証明書は失効します。お住まいの市区町村の窓口で、新しい電子証明書の発行を受けてください。',
        en:
          'A move or a change of name revokes the signing certificate. Have a new one issued at your ' +
          'municipal office.',
      },
      THEN_AGAIN,
    ],
    link: JPKI_PORTAL,
  },
  not_installed_certificate: {
    steps: [
      {
        ja: 'お住まいの市区町村の窓口で、署名用電子証明書の発行を受けてください。15歳未満の方のカードなど、入っていない場合があります。',
        en:
          'Have a signing certificate issued at your municipal office. Some cards, such as those of ' +
          'children under 15, have none.',
      },
      THEN_AGAIN,
    ],
    link: JPKI_PORTAL,
  },
  invalid_certificat: { steps: [MUNICIPALITY, THEN_AGAIN], link: JPKI_PORTAL },
  certificate_not_match: {
    steps: [
      {
        ja: 'ログインと署名の両方に、ご本人の同じマイナンバーカードを使ってください。',
        en: 'Use one and the same card, your own, both to log in and to sign.',
      },
      {
        ja: '「もう一度署名する」を押して、ご本人のカードで署名してください。',
        en: 'Press “Sign again” and sign with your own card.',
      },
    ],
  },
};

const REFUSED: NextSteps = {
  steps: [
    {
      ja: '何も署名されていません。続ける場合は「もう一度署名する」を押し、アプリで連携に同意してください。',
      en: 'Nothing was signed. To go on, press “Sign again” and agree in the app.',
    },
  ],
};
const CARD_PROCEDURE: NextSteps = {
  steps: [
    {
      ja: 'アプリに表示されたメッセージを確認してください。カードの読み取りが中断された場合は、もう一度かざしてください。',
      en: 'Read the message in the app. If reading the card was interrupted, hold it to the phone again.',
    },
    {
      ja: '準備ができたら「もう一度署名する」を押してください。',
      en: 'When you are ready, press “Sign again”.',
    },
  ],
};
const AGAIN: NextSteps = {
  steps: [
    {
      ja: '「もう一度署名する」を押すと、同じ申請のまま署名をやり直せます。',
      en: 'Press “Sign again” to sign the same application anew.',
    },
  ],
};
const OFFICE: NextSteps = {
  steps: [
    {
      ja: 'この画面のお問い合わせ番号を、手続の窓口にお知らせください。',
      en: 'Tell the reference on this page to the office that runs the procedure.',
    },
  ],
};

/** The next steps after a verdict that the certificate had ended. */
export function nextStepsWithNewCertificate(again: 'possible' | 'impossible'): NextSteps {
  return again === 'possible' ? CERTIFICATE_ENDED : withOffice(CERTIFICATE_ENDED);
}

/** The next steps for an end of this kind; `again`: whether the page offers to begin again. */
export function nextSteps(failure: Failure | undefined, again: 'possible' | 'impossible'): NextSteps {
  const row = failure?.row === undefined ? undefined : upstreamErrorRow(failure.row);
  const steps = row?.endpoint === 'authorization' ? refusal(row.id) : AT_THE_CARD[row?.error ?? ''];
  if (again === 'possible') return steps ?? AGAIN;
  return steps === undefined ? OFFICE : withOffice(steps);
}

/** The last step speaks of the button. */
function withOffice(next: NextSteps): NextSteps {
  return { ...next, steps: [...next.steps.slice(0, -1), ...OFFICE.steps] };
}

function refusal(row: string): NextSteps | undefined {
  if (row === 'authorization-7') return REFUSED;
  return row === 'authorization-8' ? CARD_PROCEDURE : undefined;
}
