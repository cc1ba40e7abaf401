// How long a function is, in statements, and how many parameters it takes: lines could be packed, statements cannot.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';

const MOST_STATEMENTS = 40;
const MOST_PARAMETERS = 5;
/** The inner loops over octets: a record for each call would cost what they save. */
const INNER_LOOPS = /^src\/(core\/(xml|c14n)\/|verifier\/x509\/der\.ts$)/;
const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'MethodProperty',
  'Constructor',
]);
const STATEMENT = /(Statement|^VariableDeclaration)$/;

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const findings = ['src', 'workers'].flatMap((room) => functionFindings(join(root, room)));
for (const finding of findings) console.log(finding);
process.exit(findings.length === 0 ? 0 : 1);

function functionFindings(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
  return files.flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    const path = relative(root, file);
    const source = readFileSync(file);
    const ast = parseSync(source.toString(), { syntax: 'typescript', target: 'es2022' });
    // Spans count octets on from what was parsed before; the module's own span may begin after a comment.
    const first = ast.span.end - source.length;
    const lineOf = ({ start }) =>
      source
        .subarray(0, Math.max(0, start - first))
        .toString()
        .split('\n').length;
    return functionsIn(ast.body).flatMap((node) => {
      const { body, span } = node.function ?? node;
      const parameters = (node.function?.params ?? node.params ?? []).length;
      const statements = statementsIn(body);
      const where = `${path}:${lineOf(span ?? node.span)}`;
      return [
        statements > MOST_STATEMENTS &&
          `${where} statements-per-function: ${statements}, at most ${MOST_STATEMENTS}: give its steps names`,
        parameters > MOST_PARAMETERS &&
          !INNER_LOOPS.test(path) &&
          `${where} parameters: ${parameters}, at most ${MOST_PARAMETERS}: what travels together is a record`,
      ].filter((finding) => finding !== false);
    });
  });
}

function functionsIn(node) {
  if (node === null || typeof node !== 'object') return [];
  const inner = Object.values(node).flatMap(functionsIn);
  return FUNCTIONS.has(node.type) ? [node, ...inner] : inner;
}

/** Statements of a body, those of functions within it excepted: they are counted as their own. */
function statementsIn(node) {
  if (node === null || typeof node !== 'object' || FUNCTIONS.has(node.type)) return 0;
  const own = STATEMENT.test(node.type ?? '') && node.type !== 'BlockStatement' ? 1 : 0;
  return Object.values(node).reduce((sum, part) => sum + statementsIn(part), own);
}
