import { readFileSync, writeFileSync } from 'node:fs';

/** Gives a variable of an env file another value; a name that stood there is replaced, for a doubled one is refused. */
export function setInEnvFile(path: string, values: Readonly<Record<string, string | number>>): void {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !Object.keys(values).some((name) => line.startsWith(`${name}=`)));
  const added = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  writeFileSync(path, `${[...lines, ...added].join('\n')}\n`);
}
