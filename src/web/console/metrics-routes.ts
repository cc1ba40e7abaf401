import { html } from '../html.ts';
import { notice } from '../parts.ts';
import type { ConsoleRequest, ConsoleRoute } from './console.ts';
import type { MetricSample } from './console-ports.ts';
import { consolePage } from './layout.ts';
import { linePlot } from './plot.ts';

export const METRICS_ROUTES: readonly ConsoleRoute[] = [
  { method: 'get', path: '/console/metrics', act: 'metrics.read', handle: show },
];

const NO_SAMPLES = {
  ja: 'まだ測っていません。しばらくしてから開き直してください。',
  en: 'Nothing was measured yet. Open this page again in a while.',
};
const DECISIONS = { id: 'decisions', title: '受付から判断まで (from receipt to verdict)', unit: '秒' };

async function show(asked: ConsoleRequest): Promise<void> {
  const { metrics } = asked.console;
  const samples = metrics.samples();
  const decisions = await metrics.decisions();
  const curve = (id: string, title: string, unit: string, value: (sample: MetricSample) => number) =>
    linePlot({ id, title, unit, points: samples.map((sample) => ({ at: sample.at, value: value(sample) })) });
  const points = [...decisions].reverse().map(({ at, millis }) => ({ at, value: millis / 1000 }));
  asked.response.type('html').send(
    consolePage(
      asked,
      { ja: '状況', en: 'Metrics' },
      html`${
        samples.length === 0
          ? notice(undefined, NO_SAMPLES, { id: 'no-samples' })
          : html`${curve('queue-depth', '待っている仕事 (jobs waiting)', '件', ({ waiting }) => waiting)}
${curve('queue-age', '最も長い待ち (age of the oldest due job)', '秒', ({ oldestSeconds }) => oldestSeconds)}
${curve('latency', '応答時間 p95 (answers of this process)', 'ミリ秒', ({ p95Millis }) => p95Millis)}`
      }
${points.length === 0 ? undefined : linePlot({ ...DECISIONS, points })}
<p>数値の詳細は管理用ポートの <code>/metrics</code> にあります。
<span lang="en">All figures are at /metrics of the management port.</span></p>`,
    ),
  );
}
