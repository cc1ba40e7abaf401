import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtProgram } from '../../faults/support/program.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface BuiltCommit {
  readonly commit: string;
  /** Its built `main.js`. */
  readonly program: string;
  remove(): void;
}

/** Checks a commit out beside this one and builds it with the packages of this one. */
export function buildCommit(ref: string): BuiltCommit {
  const git = (...args: string[]) => execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8' }).trim();
  const commit = git('rev-parse', '--verify', `${ref}^{commit}`);
  const folder = join(mkdtempSync(join(tmpdir(), 'jitsuin-bench-')), 'base');
  git('worktree', 'add', '--quiet', '--detach', folder, commit);
  const remove = () => {
    git('worktree', 'remove', '--force', folder);
    rmSync(join(folder, '..'), { recursive: true, force: true });
  };
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const out = join(folder, 'dist');
    const args = [tsc, '-p', join(folder, 'tsconfig.build.json'), '--outDir', out, '--noCheck'];
    execFileSync(process.execPath, args, { stdio: 'inherit' });
    return { commit, program: join(out, 'src/cli/main.js'), remove };
  } catch (thrown) {
    remove();
    throw thrown;
  }
}

/** What is built here as it is now: whoever builds anew while a long run goes on changes nothing of it. */
export function copyOfThis(): Omit<BuiltCommit, 'commit'> {
  const built = join(builtProgram(), '../../..');
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));
  cpSync(built, join(folder, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { program: join(folder, 'dist/src/cli/main.js'), remove };
}
