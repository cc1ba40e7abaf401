import { type Bilingual, both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { siteFooter, siteHeader, siteTheme } from '../site/site-parts.ts';

/** Where the citizen is on the way through a signature. */
export type Step = 'confirm' | 'sign' | 'verify' | 'done';

interface LayoutOptions {
  readonly step?: Step;
  /**
   * `progress`: the page follows the application's state, by our script or, without scripts, by loading itself
   * again.
   */
  readonly follows?: 'progress';
  /** The browser goes on to this address by itself, at once and without scripts. */
  readonly leadsTo?: string;
}

const STEPS: Readonly<Record<Step, Bilingual>> = {
  confirm: { ja: '内容の確認', en: 'Confirm' },
  sign: { ja: 'アプリで署名', en: 'Sign in the app' },
  verify: { ja: '署名の検証', en: 'Verification' },
  done: { ja: '完了', en: 'Done' },
};

/** A whole page of the citizen's: Japanese first, English below. Works without scripts. */
export function layout(title: Bilingual, content: Html, options: LayoutOptions = {}): string {
  return html`<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title.ja} | ${title.en}</title>
<link rel="stylesheet" href="/assets/tokens.css">
<link rel="stylesheet" href="/assets/applicant.css">
${siteTheme()}
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
${options.follows === undefined ? undefined : follower()}
${options.leadsTo === undefined ? undefined : html`<meta http-equiv="refresh" content="0; url=${options.leadsTo}">`}
</head>
<body>
<a class="skip" href="#main">本文へ移動<span lang="en">Skip to content</span></a>
${siteHeader()}
<main id="main" tabindex="-1">
${options.step === undefined ? undefined : stepList(options.step)}
<h1>${both(title)}</h1>
${content}
</main>
${siteFooter()}
</body>
</html>
`.markup;
}

const RELOAD_SECONDS = 2;

function follower(): Html {
  return html`<script src="/assets/progress.js" defer></script>
<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}"></noscript>`;
}

function stepList(current: Step): Html {
  const names = Object.keys(STEPS);
  const at = names.indexOf(current);
  const items = Object.values(STEPS).map((text, index) => {
    const place = index < at ? 'past' : index === at ? 'current' : 'coming';
    const here = index === at ? html` aria-current="step"` : undefined;
    return html`<li class="${place}"${here}>${stepNumber(place, index)}${both(text)}</li>`;
  });
  return html`<nav aria-label="手続の段階 / Steps"><ol class="steps">${items}</ol></nav>`;
}

/** A step that is behind says so in words too, not by colour alone. */
function stepNumber(place: string, index: number): Html {
  const behind = html`<span class="number">✓<span class="unseen">済み</span></span>`;
  return place === 'past' ? behind : html`<span class="number">${index + 1}</span>`;
}
