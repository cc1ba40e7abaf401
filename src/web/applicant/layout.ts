import { type Bilingual, both, pageLanguage, plain } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { languageChoice } from '../language/language-choice.ts';
import { siteFooter, siteHeader, siteTheme } from '../site/site-parts.ts';

/** Where the citizen is on the way through a signature. */
export type Step = 'confirm' | 'sign' | 'verify' | 'done';

interface LayoutOptions {
  readonly step?: Step;
  /**
   * `progress`: the page follows the application's state, by our script or, without scripts, by loading itself
   * again. `turn`: likewise, the citizen's turn.
   */
  readonly follows?: 'progress' | 'turn';
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
<html lang="${pageLanguage()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${plain(title, ' | ')}</title>
<link rel="stylesheet" href="/assets/tokens.css">
<link rel="stylesheet" href="/assets/applicant.css">
${siteTheme()}
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
${options.follows === undefined ? undefined : follower(options.follows)}
${options.leadsTo === undefined ? undefined : html`<meta http-equiv="refresh" content="0; url=${options.leadsTo}">`}
</head>
<body>
<a class="skip" href="#main">${both({ ja: '本文へ移動', en: 'Skip to content' })}</a>
${siteHeader()}
${options.leadsTo === undefined ? languageChoice() : undefined}
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

const STEPS_NAME: Bilingual = { ja: '手続の段階', en: 'Steps' };
const BEHIND: Bilingual = { ja: '済み', en: 'done' };
const RELOAD_SECONDS = { progress: 2, turn: 5 } as const;

function follower(what: 'progress' | 'turn'): Html {
  return html`<script src="/assets/${what}.js" defer></script>
<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS[what]}"></noscript>`;
}

function stepList(current: Step): Html {
  const names = Object.keys(STEPS);
  const at = names.indexOf(current);
  const items = Object.values(STEPS).map((text, index) => {
    const place = index < at ? 'past' : index === at ? 'current' : 'coming';
    const here = index === at ? html` aria-current="step"` : undefined;
    return html`<li class="${place}"${here}>${stepNumber(place, index)}${both(text)}</li>`;
  });
  return html`<nav aria-label="${plain(STEPS_NAME)}"><ol class="steps">${items}</ol></nav>`;
}

/** A step that is behind says so in words too, not by colour alone. */
function stepNumber(place: string, index: number): Html {
  const behind = html`<span class="number">✓<span class="unseen">${plain(BEHIND)}</span></span>`;
  return place === 'past' ? behind : html`<span class="number">${index + 1}</span>`;
}
