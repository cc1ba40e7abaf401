import { MINUTE_MILLIS } from '../spans.ts';
import { CLOCKS, MACHINE } from './machine-table.ts';
import { VERIFICATION_MACHINE } from './verification-machine.ts';

/** The machine as a Mermaid state diagram, made from the table; `timed-out` names its clock in minutes. */
export function stateDiagram(): string {
  const lines = ['stateDiagram-v2', '  [*] --> received'];
  for (const [from, row] of Object.entries(MACHINE)) {
    const named = (event: string) => (event === 'timed-out' ? timeout(row.clock) : event);
    lines.push(...arrows(from, row.on, named));
    if (row.actor === 'nobody') lines.push(`  ${id(from)} --> [*]`);
  }
  return `${lines.join('\n')}\n`;
}

/** The verification's machine at the platform operator, in the same way. */
export function verificationDiagram(): string {
  const lines = ['stateDiagram-v2', '  [*] --> received'];
  for (const [from, row] of Object.entries(VERIFICATION_MACHINE)) {
    lines.push(...arrows(from, row.on, (event) => event));
    if (row.actor === 'nobody') lines.push(`  ${id(from)} --> [*]`);
  }
  return `${lines.join('\n')}\n`;
}

/** One arrow for each target; the purge of an ended record is no way on. */
function arrows(
  from: string,
  on: Readonly<Record<string, string>>,
  named: (event: string) => string,
): readonly string[] {
  return [...byTarget(on)].map(
    ([to, events]) => `  ${id(from)} --> ${id(to)}: ${events.map(named).join(', ')}`,
  );
}

function byTarget(on: Readonly<Record<string, string>>): Map<string, string[]> {
  const targets = new Map<string, string[]>();
  for (const [event, to] of Object.entries(on)) {
    if (event !== 'purged') targets.set(to, [...(targets.get(to) ?? []), event]);
  }
  return targets;
}

function timeout(clock: keyof typeof CLOCKS): string {
  return `timed-out after ${CLOCKS[clock] / MINUTE_MILLIS} min`;
}

/** Mermaid reads a hyphen in a state's id as part of an arrow. */
function id(state: string): string {
  return state.replaceAll('-', '_');
}

/** The README of this room: both machines with their clocks. Written by `scripts/state-diagrams.ts`. */
export function stateMachinesDocument(): string {
  const clocks = Object.entries(MACHINE)
    .filter(([, row]) => row.actor !== 'nobody')
    .map(([state, row]) => {
      const minutes = CLOCKS[row.clock] / MINUTE_MILLIS;
      return `- \`${state}\`: ${row.actor} acts; after ${minutes} min it ends as \`${row.on['timed-out'] ?? ''}\``;
    });
  return `# The state machines

Generated from \`machine-table.ts\` and \`verification-machine.ts\` by
\`npx tsx scripts/state-diagrams.ts\`; do not edit.

## An application (sp and gov)

${clocks.join('\n')}

\`\`\`mermaid
${stateDiagram()}\`\`\`

## A verification (pf)

\`\`\`mermaid
${verificationDiagram()}\`\`\`
`;
}
