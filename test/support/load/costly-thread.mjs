// A thread that does what strangers' documents must not be able to make a judging thread do.
import { parentPort } from 'node:worker_threads';

const waste = [];

parentPort.on('message', (message) => {
  if (message.kind === 'answer') parentPort.postMessage({ kind: 'result', result: message.answer });
  if (message.kind === 'refusal') parentPort.postMessage({ ...message, kind: 'failure' });
  if (message.kind !== 'work') return;
  if (message.work === 'echo') parentPort.postMessage({ kind: 'question', number: 1, question: 'who?' });
  while (message.work === 'endless');
  while (message.work === 'memory') waste.push({ waste: waste.length });
});
