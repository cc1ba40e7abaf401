import type { ModuleResult, ModuleVerdict, TestReport } from './verdict.ts';

const MARKS: Readonly<Record<ModuleVerdict, string>> = {
  passed: '[ok]  ',
  failed: '[FAIL]',
  warning: '[warn]',
  'not-exercised': '[ -- ]',
};

export function countOf({ results }: TestReport, verdict: ModuleVerdict): number {
  return results.filter((result) => result.verdict === verdict).length;
}

function summary(report: TestReport): string {
  const verdicts: readonly ModuleVerdict[] = ['passed', 'failed', 'warning', 'not-exercised'];
  return verdicts.map((verdict) => `${countOf(report, verdict)} ${verdict}`).join(', ');
}

/** For a terminal. */
export function asText(report: TestReport): string {
  const lines = report.results.map((result) => {
    const head = `${MARKS[result.verdict]} ${result.name}: ${result.title.en}`;
    if (result.verdict === 'not-exercised') return `${head} (${result.came})`;
    if (result.verdict === 'passed') return head;
    const facts = [
      `sent: ${result.sent}`,
      `came: ${result.came}`,
      `written: ${result.paragraph}`,
      `do: ${result.remedy}`,
    ];
    return [head, ...facts.map((fact) => `         ${fact}`)].join('\n');
  });
  return `${lines.join('\n')}\n${summary(report)}\n`;
}

/** JUnit XML, as CI systems read it. */
export function asJunit(report: TestReport): string {
  const cases = report.results.map(junitCase).join('\n');
  const failed = countOf(report, 'failed');
  const skipped = countOf(report, 'not-exercised');
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="jitsuin rp-test ${escaped(report.clientId)}" tests="${report.results.length}" failures="${failed}"
  skipped="${skipped}" timestamp="${report.at}">
${cases}
</testsuite>
`;
}

function junitCase({ plan, name, title, verdict, sent, came, paragraph, remedy = '' }: ModuleResult): string {
  const open = `<testcase classname="${plan}" name="${escaped(`${name}: ${title.en}`)}"`;
  if (verdict === 'failed') {
    const told = `sent: ${sent}\ncame: ${came}\nwritten: ${paragraph}\ndo: ${remedy}`;
    return `${open}><failure message="${escaped(came)}">${escaped(told)}</failure></testcase>`;
  }
  if (verdict === 'not-exercised') return `${open}><skipped message="${escaped(came)}"/></testcase>`;
  const warned = `warning: ${came}; ${paragraph}; ${remedy}`;
  return verdict === 'warning'
    ? `${open}><system-out>${escaped(warned)}</system-out></testcase>`
    : `${open}/>`;
}

const STYLE = `body{font-family:sans-serif;line-height:1.6;max-width:60rem;margin:0 auto;padding:1rem}
body{color:#1a1a1a;background:#fff}table{border-collapse:collapse;width:100%}
th,td{border:1px solid #666;padding:.3rem .5rem;text-align:left;vertical-align:top}
.failed{background:#fff0ee}.wide{overflow-x:auto}td p{margin:.1rem 0}`;

/** One self-contained page: no script, no address of anybody. */
export function asHtml(report: TestReport): string {
  const rows = report.results.map(
    ({
      plan,
      name,
      title,
      verdict,
      sent,
      came,
      paragraph,
      remedy,
    }) => `<tr class="${verdict}"><td>${verdict}</td>
<td><p><code>${plan}</code></p><p><code>${name}</code></p><p>${escaped(title.ja)}</p>
<p lang="en">${escaped(title.en)}</p></td>
<td lang="en"><p>sent: ${escaped(sent)}</p><p>came: ${escaped(came)}</p><p>${escaped(paragraph)}</p>
${remedy === undefined ? '' : `<p><strong>${escaped(remedy)}</strong></p>`}</td></tr>`,
  );
  return `<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>rp-test: ${escaped(report.clientId)}</title><style>${STYLE}</style></head>
<body><main><h1>クライアントの適合試験 / <span lang="en">Relying party test</span></h1>
<p>${escaped(report.clientId)}, ${escaped(report.start)}, ${escaped(report.at)}: ${escaped(summary(report))}</p>
<div class="wide" tabindex="0" role="group" aria-label="結果"><table>
<thead><tr><th scope="col">判定 / Verdict</th><th scope="col">項目 / Module</th><th scope="col">内容 / What</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div></main></body></html>
`;
}

function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
