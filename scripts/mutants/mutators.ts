/**
 * The faults that are put into a source file: each a range of octets and what stands there instead. Which faults there are follows
 * from the syntax alone, so nobody chooses them.
 */
import { parseSync } from '@swc/core';

export interface Mutant {
  /** Path from the root, then a number in the order of the file. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  /** Octets of the range that is replaced. */
  readonly start: number;
  readonly end: number;
  readonly original: string;
  readonly mutated: string;
  /** A statement is left out; anything else is an expression in another form. */
  readonly form: 'expression' | 'statement';
  /** Evaluated when the module is loaded, not when a function is called. */
  readonly atLoad: boolean;
  /** The constant at the top of the file whose value this is, or none. */
  readonly constant: string;
  /** Where functions of the file use the constant whose value this is: there it can be another without a new load. */
  readonly uses: readonly Use[];
}

interface Use {
  readonly start: number;
  readonly end: number;
  readonly mutated: string;
}

interface Node {
  readonly type: string;
  readonly span: { readonly start: number; readonly end: number };
  readonly [member: string]: unknown;
}

const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<='],
  '<=': ['<'],
  '>': ['>='],
  '>=': ['>'],
  '===': ['!=='],
  '!==': ['==='],
  '-': ['+'],
  '*': ['/'],
};
/** Steps of a query or a list that are left out: what remains is what they were called on. */
const DROPPED_STEPS = new Set(['where', 'whereRef', 'filter', 'limit', 'orderBy', 'forUpdate', 'skipLocked']);
const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
  'GetterProperty',
]);
/** Types and what only looks like a type: `as`, `satisfies` and the like are walked through. */
const isType = (type: string) =>
  type.startsWith('Ts') &&
  !['TsAsExpression', 'TsSatisfiesExpression', 'TsConstAssertion', 'TsNonNullExpression'].includes(type);

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && 'span' in value;

function parsed(source: string): { readonly body: readonly Node[]; readonly base: number } {
  // an empty statement before it tells where the parser's octets begin
  const text = `;${source.replace(/^#!/, '//')}`;
  const body = parseSync(text, { syntax: 'typescript', target: 'es2022' }).body as unknown as readonly Node[];
  return { body, base: (body[0]?.span.start ?? 0) + 1 };
}

/** All faults of one file. `source` is TypeScript. */
export function mutantsOf(file: string, source: string): readonly Mutant[] {
  const { body, base } = parsed(source);
  const octets = Buffer.from(source);
  const found: Mutant[] = [];
  const text = (node: Node) => octets.subarray(node.span.start - base, node.span.end - base).toString();
  const lineOf = (at: number) => octets.subarray(0, at).toString().split('\n').length;

  const add = (node: Node, kind: string, mutated: string, atLoad: boolean, form: Mutant['form']) => {
    const start = node.span.start - base;
    found.push({
      id: `${file}#${found.length}`,
      file,
      line: lineOf(start),
      kind,
      start,
      end: node.span.end - base,
      original: text(node),
      mutated,
      form,
      atLoad,
      constant: '',
      uses: [],
    });
  };

  const walk = (value: unknown, atLoad: boolean): void => {
    if (Array.isArray(value)) {
      // swc wraps arguments and elements in records without a type
      for (const item of value)
        walk(item?.expression !== undefined && !isNode(item) ? item.expression : item, atLoad);
      return;
    }
    if (!isNode(value)) return;
    if (isType(value.type) || value.type === 'ImportDeclaration') return;
    for (const [kind, mutated, form] of faultsOf(value, text)) {
      add(value, kind, mutated, atLoad, form ?? 'expression');
    }
    const { test } = value;
    if (value.type === 'IfStatement' && isNode(test)) {
      add(test, 'condition negated', `!(${text(test)})`, atLoad, 'expression');
      add(test, 'condition never', 'false', atLoad, 'expression');
    }
    const inner = atLoad && !FUNCTIONS.has(value.type);
    for (const [member, child] of Object.entries(value)) {
      if (member === 'span' || (member === 'key' && value.type !== 'Computed')) continue;
      walk(child, inner);
    }
  };
  walk(body.slice(1), true);
  const constants = plainConstants(body);
  const { inFunctions, elsewhere } = usesOf(body, new Set(constants.map(({ name }) => name)));
  return found.map((mutant) => {
    const constant = constants.find(
      ({ init: { span } }) => mutant.start >= span.start - base && mutant.end <= span.end - base,
    );
    if (constant === undefined) return mutant;
    const { init, name, exported } = constant;
    const [from, to] = [init.span.start - base, init.span.end - base];
    const part = (start: number, end: number) => octets.subarray(start, end).toString();
    const mutated = `${part(from, mutant.start)}(${mutant.mutated})${part(mutant.end, to)}`;
    const uses = inFunctions
      .filter((use) => use['value'] === name)
      .map(({ span }) => ({ start: span.start - base, end: span.end - base, mutated }));
    return { ...mutant, constant: name, uses, atLoad: exported || elsewhere.has(name) || uses.length === 0 };
  });
}

const LOOPS = new Set([
  'ForStatement',
  'WhileStatement',
  'DoWhileStatement',
  'ForOfStatement',
  'ForInStatement',
]);

/** Octets after the brace of each loop's body: what never ends passes there. */
export function loopsOf(source: string): readonly number[] {
  const { body, base } = parsed(source);
  const found: number[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) walk(item?.expression && !isNode(item) ? item.expression : item);
      return;
    }
    if (!isNode(value) || isType(value.type)) return;
    const inner = value['body'];
    if (LOOPS.has(value.type) && isNode(inner) && inner.type === 'BlockStatement')
      found.push(inner.span.start - base + 1);
    for (const [member, child] of Object.entries(value)) if (member !== 'span') walk(child);
  };
  walk(body);
  return found;
}

const CONSTANT = /^[A-Z][A-Z0-9_]*$/;

/** The constants at the top of a file that are made of numbers and other constants only. */
function plainConstants(
  body: readonly Node[],
): readonly { readonly name: string; readonly init: Node; readonly exported: boolean }[] {
  const isPlain = (node: unknown): boolean => {
    if (!isNode(node)) return false;
    if (node.type === 'NumericLiteral') return true;
    if (node.type === 'Identifier') return CONSTANT.test(String(node['value']));
    return node.type === 'BinaryExpression' && isPlain(node['left']) && isPlain(node['right']);
  };
  return body.flatMap((statement) => {
    const declaration = (statement['declaration'] ?? statement) as Node;
    const declared = (declaration['declarations'] ?? []) as readonly { id: Node; init: unknown }[];
    return declared.flatMap(({ id, init }) => {
      const name = String(id['value']);
      return CONSTANT.test(name) && isNode(init) && isPlain(init)
        ? [{ name, init, exported: declaration !== statement }]
        : [];
    });
  });
}

/** Members that hold a name, not a value. */
const NAMES: Readonly<Record<string, string>> = {
  MemberExpression: 'property',
  KeyValueProperty: 'key',
  VariableDeclarator: 'id',
};

/** Where these constants are used: inside functions one by one, and which of them are used while the file loads. */
function usesOf(body: readonly Node[], names: ReadonlySet<string>) {
  const inFunctions: Node[] = [];
  const elsewhere = new Set<string>();
  const walk = (value: unknown, inFunction: boolean): void => {
    if (Array.isArray(value)) {
      for (const item of value) walk(item?.expression && !isNode(item) ? item.expression : item, inFunction);
      return;
    }
    if (!isNode(value) || isType(value.type)) return;
    if (value.type === 'Identifier' && names.has(String(value['value']))) {
      if (inFunction) inFunctions.push(value);
      else elsewhere.add(String(value['value']));
    }
    const inner = inFunction || FUNCTIONS.has(value.type);
    for (const [member, child] of Object.entries(value)) {
      const isName = NAMES[value.type] === member && isNode(child) && child.type !== 'Computed';
      if (member === 'span' || isName) continue;
      for (const item of Array.isArray(child) ? child : [child]) {
        // { NAME } is a name and a value in one, and cannot be another value where it stands
        const shorthand = value.type === 'ObjectExpression' && isNode(item) && item.type === 'Identifier';
        walk([item], inner && !shorthand);
      }
    }
  };
  walk(body, false);
  return { inFunctions, elsewhere };
}

type Fault = readonly [kind: string, mutated: string, form?: Mutant['form']];

function faultsOf(node: Node, text: (node: Node) => string): readonly Fault[] {
  const child = (member: string) => {
    const found = node[member];
    return isNode(found) ? text(found) : '';
  };
  switch (node.type) {
    case 'BinaryExpression':
      return binaryFaults(String(node['operator']), child('left'), child('right'));
    case 'ConditionalExpression':
      return [['other branch', `${child('test')} ? (${child('alternate')}) : (${child('consequent')})`]];
    case 'UnaryExpression':
      return node['operator'] === '!' ? [['negation dropped', child('argument')]] : [];
    case 'NumericLiteral':
      return [['other number', String(Number(node['value']) + 1)]];
    case 'BooleanLiteral':
      return [['other boolean', String(node['value'] !== true)]];
    case 'ArrayExpression':
      return droppedElements(node, text);
    case 'CallExpression':
      return droppedStep(node, text);
    case 'ExpressionStatement':
      return droppedCall(node, text);
    default:
      return [];
  }
}

function binaryFaults(operator: string, left: string, right: string): readonly Fault[] {
  if (operator === '&&' || operator === '||')
    return [
      ['clause dropped', left],
      ['clause dropped', right],
    ];
  if (operator === '??') return [['default dropped', left]];
  return (OPERATORS[operator] ?? []).map(
    (other): Fault => [`${operator} for ${other}`, `${left} ${other} ${right}`],
  );
}

/** One list without its first member, and one without its last. */
function droppedElements(node: Node, text: (node: Node) => string): readonly Fault[] {
  const elements = node['elements'] as readonly ({ spread?: unknown; expression: Node } | null)[];
  if (elements.length < 2 || elements.some((element) => element === null || element.spread)) return [];
  const texts = elements.flatMap((element) => (element === null ? [] : [text(element.expression)]));
  return [
    ['member dropped', `[${texts.slice(1).join(', ')}]`],
    ['member dropped', `[${texts.slice(0, -1).join(', ')}]`],
  ];
}

function droppedStep(node: Node, text: (node: Node) => string): readonly Fault[] {
  const callee = node['callee'];
  if (!isNode(callee) || callee.type !== 'MemberExpression') return [];
  const { object, property } = callee as unknown as { object: Node; property: { value?: string } };
  if (!DROPPED_STEPS.has(property.value ?? '')) return [];
  return [[`${property.value} dropped`, text(object)]];
}

function droppedCall(node: Node, text: (node: Node) => string): readonly Fault[] {
  let called = node['expression'] as Node;
  while (
    called.type === 'AwaitExpression' ||
    (called.type === 'UnaryExpression' && called['operator'] === 'void')
  )
    called = called['argument'] as Node;
  const isCall = called.type === 'CallExpression' || called.type === 'OptionalChainingExpression';
  const shown = text(called);
  // what is written to a log is not a rule
  if (!isCall || /^super\(|^(this\.)?#?\w*\.?log\b/i.test(shown)) return [];
  return [['call dropped', '', 'statement']];
}
