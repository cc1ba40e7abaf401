import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { link } from '../parts.ts';
import { appName, site } from '../site/site.ts';

const TITLE: Bilingual = { ja: '署名に必要なもの', en: 'What you need to sign' };
const TROUBLE: Bilingual = { ja: 'うまくいかないとき', en: 'When something goes wrong' };

/** Before the button: device, app, first registration, the long password, an ordinary window. */
function needs(): readonly Bilingual[] {
  const { ios, android } = site().app;
  const app = appName();
  return [
    {
      ja: 'マイナンバーカードと、{app}を入れたスマートフォン(iOS {ios}以降、またはNFCに対応したAndroid {android}以降)。画面ロックを設定しておいてください。',
      en:
        'Your My Number Card and a smartphone with the {app} (iOS {ios} or later, or Android {android} or later ' +
        'with NFC). Its screen lock has to be on.',
      values: { app, ios, android },
    },
    {
      ja: '{app}をはじめて使うときは、先に利用登録が始まります。登録が終わったら、この画面に戻って署名してください。',
      en:
        'When you use the {app} for the first time, it begins with a registration. When that is done, come back ' +
        'to this page and sign.',
      values: { app },
    },
    {
      ja: '署名用電子証明書のパスワード(英数字6文字から16文字)。4桁の暗証番号ではありません。5回続けて間違えるとロックされます。',
      en:
        'The password of your signing certificate (6 to 16 letters and digits), not the ' +
        'four-digit PIN. It locks after five wrong entries.',
    },
    {
      ja: 'プライベートブラウズ(シークレットモード)ではない、ふつうのブラウザーの画面。',
      en: 'An ordinary browser window, not a private one.',
    },
    {
      ja: 'パソコンで署名するときは、表示されるQRコードをスマートフォンで読み取り、スマートフォンに出る6桁の番号をパソコンに入力します。署名が終わるまで、パソコンの画面を閉じないでください。',
      en:
        'On a computer you scan a QR code with the phone and type the six digits that the phone ' +
        'shows. Keep the page on the computer open until you have signed.',
    },
  ];
}

/** Ways on for what happens outside our pages. */
function ways(): readonly { readonly when: Bilingual; readonly todo: Bilingual }[] {
  const app = appName();
  const { name: now, former = now } = site().app;
  return [
    {
      when: { ja: 'ボタンを押しても何も起きない', en: 'Nothing happens after the button' },
      todo: {
        ja: '{app}を最新の版に更新し、スマートフォンを再起動してから、この画面を開き直してください。アプリは削除しないでください。',
        en: 'Update the {app}, restart the phone and open this page again. Do not delete the app.',
        values: { app },
      },
    },
    {
      when: { ja: '別のアプリや、アプリストアの画面が開く', en: 'Another app or the store opens' },
      todo: {
        ja: '古いアプリ({former})が残っていると、そちらが開くことがあります。{now}を入れ直すか、最後に入れてください。プライベートブラウズの画面では、ストアが繰り返し開きます。',
        en:
          'Where an old app ({former}) is still there, it may open instead. Install the {now} again, or install it ' +
          'last. In a private window the store opens again and again.',
        values: { former, now },
      },
    },
    {
      when: { ja: '利用登録の画面が出た', en: 'A registration began instead' },
      todo: {
        ja: '登録を最後まで進めてから、この画面に戻り、もう一度ボタンを押してください。',
        en: 'Finish the registration, come back to this page and press the button again.',
      },
    },
    {
      when: { ja: 'スマートフォンなのにQRコードが出た', en: 'A QR code on the phone' },
      todo: {
        ja: 'ブラウザーの「PC版サイト」の表示や、画面の拡大をやめて、この画面を開き直してください。',
        en: 'Leave the desktop view or the zoom of the browser, and open this page again.',
      },
    },
    {
      when: { ja: '別のブラウザーの画面に戻った', en: 'You came back in another browser' },
      todo: {
        ja: 'はじめに開いたブラウザーに戻ると、続きが表示されます。',
        en: 'Go back to the browser in which you began: it shows where you are.',
      },
    },
  ];
}

export function needsSection(): Html {
  return html`<details id="needs" open><summary>${both(TITLE)}</summary>
<ul>${needs().map((need) => html`<li>${both(need)}</li>`)}</ul>
${stores()}
</details>
${troubleSection()}`;
}

/** On the page before the button, and on the page that waits for the app. */
export function troubleSection(): Html {
  return html`<details id="trouble"><summary>${both(TROUBLE)}</summary>
<dl>${ways().map(({ when, todo }) => html`<dt>${both(when)}</dt><dd>${both(todo)}</dd>`)}</dl>
</details>`;
}

function stores(): Html | undefined {
  const { app_store: apple, google_play: google } = site().app;
  if (apple === undefined && google === undefined) return undefined;
  const one = (href: string | undefined, text: Bilingual) =>
    href === undefined ? undefined : html`<li>${link(href, text, { rel: 'noreferrer' })}</li>`;
  return html`<ul>${one(apple, { ja: 'App Store(iPhone)', en: 'App Store (iPhone)' })}
${one(google, { ja: 'Google Play(Android)', en: 'Google Play (Android)' })}</ul>`;
}
