// An export of the product has a user: another file of the product, a test, a script or a sample. What only its own file uses is
// not exported. Names are compared as words: what is found has no user, though a name used twice may hide one.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
/** What outsiders import: `exports` of package.json. */
const FACES = /^src\/(client|faces)\//;
/** Made by `npm run generate`. */
const GENERATED = /^src\/core\/forms\/shipped\.ts$/;
const EXPORT = /^export (?:abstract )?(?:async )?(?:function\*?|const|class|interface|type|enum|let) (\w+)/gm;

const product = filesOf(['src', 'workers']);
const users = new Map();
for (const { path, text } of [...product, ...filesOf(['test', 'scripts', 'samples'])]) {
  for (const word of new Set(text.match(/[A-Za-z_$][\w$]*/g))) {
    if (!users.has(word)) users.set(word, []);
    users.get(word).push(path);
  }
}
const findings = product
  .filter(({ path }) => !FACES.test(path) && !GENERATED.test(path))
  .flatMap(({ path, text }) =>
    [...text.matchAll(EXPORT)]
      .filter(([, name]) => users.get(name).every((user) => user === path))
      .map(([, name]) => `${path} unused-exports: nobody imports ${name}`),
  );
for (const finding of findings) console.log(finding);
process.exit(findings.length === 0 ? 0 : 1);

/** Files with their text, comments left out. */
function filesOf(rooms) {
  return rooms.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({
        path: relative(root, file),
        text: readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, ''),
      })),
  );
}
