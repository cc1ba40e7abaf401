import type { Application } from '../../core/sign-transaction/application.ts';
import { ASK_MILLIS, type Turn } from '../../rp/waiting-room.ts';
import { type Bilingual, both } from '../bilingual.ts';
import { html } from '../html.ts';
import { link } from '../parts.ts';
import { layout } from './layout.ts';

const WHY: Bilingual = {
  ja: 'ただいま署名が混み合っています。順番が来ると、この画面から自動でアプリに進みます。',
  en: 'Many people are signing now. When it is your turn, this page goes on to the app by itself.',
};
const KEPT: Bilingual = {
  ja: '画面を再読み込みしても、スマートフォンがスリープしても、順番は1時間保たれます。',
  en: 'Your place is kept for 1 hour, also when you load this page again or your phone sleeps.',
};
const CLOSED: Bilingual = {
  ja: 'この画面を閉じたときは、署名の画面を開き、もう一度署名に進んでください。',
  en: 'If you close this page, open the signing page and go on to sign again.',
};
const NEXT: Bilingual = { ja: 'まもなくあなたの番です。', en: 'It is your turn in a moment.' };
const SOON: Bilingual = { ja: '待ち時間は1分以内の見込みです。', en: 'It will take less than 1 minute.' };

/** The place in the line, as it is now. Without scripts the page loads itself again. */
export function waitingPage({ id }: Pick<Application, 'id'>, turn: Turn): string {
  const [ahead, time] = turn.kind === 'waits' ? placeOf(turn) : [NEXT, SOON];
  return layout(
    { ja: '順番をお待ちください', en: 'Please wait for your turn' },
    html`<div class="waiting" aria-hidden="true"></div>
<p>${both(WHY)}</p>
<p id="place" role="status" data-waiting-room="${turn.kind}" data-ask="${ASK_MILLIS}">${both(ahead)} ${both(time)}</p>
<p>${both(KEPT)} ${both(CLOSED)}</p>
<p>${link(`/applications/${id}/sign`, { ja: '署名の画面に戻る', en: 'Back to the signing page' })}</p>`,
    { step: 'confirm', follows: 'turn' },
  );
}

function placeOf({ ahead, seconds }: Extract<Turn, { kind: 'waits' }>): readonly [Bilingual, Bilingual] {
  const minutes = Math.ceil(seconds / 60);
  return [
    ahead === 0
      ? NEXT
      : {
          ja: 'あなたの前に{ahead}人が待っています。',
          en: '{ahead} people are before you.',
          values: { ahead },
        },
    minutes <= 1
      ? SOON
      : {
          ja: '待ち時間はおよそ{minutes}分の見込みです。',
          en: 'It will take about {minutes} minutes.',
          values: { minutes },
        },
  ];
}
