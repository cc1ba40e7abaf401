import type { OpenApiDocument } from '../../http/openapi/document.ts';
import { both } from '../bilingual.ts';
import { type Html, html } from '../html.ts';
import { type ExampleCall, type ExampleText, exampleTexts } from './call-examples.ts';
import { exampleCall } from './operation-example.ts';
import { keyForm, tryForm } from './try-out.ts';

type Part = Readonly<Record<string, unknown>>;

/** The OpenAPI document as one page; a script of our own adds the search, and where it is offered, trying out. */
export function docsPage(document: OpenApiDocument, tryOut: 'offered' | 'absent' = 'absent'): string {
  const { info, paths, components } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sent = operations.flatMap(({ operation }) => sentAfter(operation));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title}</title>
<link rel="stylesheet" href="/assets/docs.css">
<script type="module" src="/assets/docs.js"></script>
</head>
<body>
<header><h1>${info.title}</h1><p>${info.description}</p>
<p>Version ${info.version}. <a href="/openapi.json">OpenAPI 3.1 document</a></p></header>
<form role="search" hidden><label for="words">${both({ ja: '検索', en: 'Search' })}</label>
<input id="words" name="words" type="search" autocomplete="off"> <output for="words"></output></form>
<nav aria-label="Operations"><ul>${operations.map(
    ({ path, method, operation }) =>
      html`<li><a href="#${text(operation['operationId'])}"><b>${method.toUpperCase()}</b> ${path}</a></li>`,
  )}${sent.map(({ name }) => html`<li><a href="#webhook-${name}"><b>Webhook</b> ${name}</a></li>`)}</ul></nav>
<main>
${tryOut === 'offered' ? keyForm() : undefined}
${operations.map(({ path, method, operation }) => {
  const call = exampleCall(document.servers[0]?.url ?? '', path, method, operation);
  const form = tryOut === 'offered' ? tryForm(text(operation['operationId']), path, call) : undefined;
  return operationSection({ path, method, operation, call, form });
})}
${sent.map(({ name, method, operation }) => webhookSection(name, method, operation))}
<h2>Schemas</h2>
${Object.entries(parts(components['schemas'])).map(([name, schema]) => schemaSection(name, schema))}
</main>
</body>
</html>
`.markup;
}

interface ShownOperation {
  readonly path: string;
  readonly method: string;
  readonly operation: Part;
  readonly call: ExampleCall;
  readonly form: Html | undefined;
}

function operationSection({ path, method, operation, call, form: tried }: ShownOperation): Html {
  return html`<section id="${text(operation['operationId'])}">
<h2><b>${method.toUpperCase()}</b> <code>${path}</code></h2>
<p>${text(operation['summary'])}</p>
<p>${text(operation['description'])}</p>
<p>${authentication(list(operation['security']))}</p>
${parameterTable(list(operation['parameters']))}
${bodySection(parts(operation['requestBody']))}
<h3>Answers</h3>
<dl>${Object.entries(parts(operation['responses'])).map(([status, answer]) => answerItem(status, parts(answer)))}</dl>
<h3>${both({ ja: '呼び出しの例', en: 'Example' })}</h3>
${exampleTexts(call).map(exampleItem)}
${tried}
</section>
`;
}

function exampleItem({ language, text: code }: ExampleText): Html {
  return html`<details><summary>${language}</summary><pre tabindex="0"><code>${code}</code></pre></details>`;
}

/** What is sent to the URL that an operation registers. */
function sentAfter(operation: Part): readonly { name: string; method: string; operation: Part }[] {
  return Object.entries(parts(operation['callbacks'])).flatMap(([name, targets]) =>
    Object.values(parts(targets)).flatMap((methods) =>
      Object.entries(parts(methods)).map(([method, sent]) => ({ name, method, operation: parts(sent) })),
    ),
  );
}

/** What the credential must be, with the scope that a limited API key needs. */
function authentication([requirement]: readonly unknown[]): string {
  if (requirement === undefined) return 'No authentication';
  const scopes = Object.values(parts(requirement)).flatMap(list).map(text);
  return `Authorization: Bearer (${['tenant', ...scopes.map((scope) => `scope ${scope}`)].join(', ')})`;
}

/** What is sent to a tenant's own endpoint: its form stands here whole, for it has no name of its own. */
function webhookSection(name: string, method: string, operation: Part): Html {
  const content = Object.entries(parts(parts(operation['requestBody'])['content']));
  return html`<section id="webhook-${name}">
<h2><b>Webhook</b> <code>${name}</code></h2>
<p>${text(operation['summary'])}</p>
<p>${text(operation['description'])}</p>
<p>${method.toUpperCase()} to your own endpoint, signed</p>
<h3>Body</h3>
${content.map(([mediaType, entry]) => html`<p><code>${mediaType}</code></p>${form(parts(entry)['schema'])}`)}
<h3>Your answers</h3>
<dl>${Object.entries(parts(operation['responses'])).map(([status, answer]) => answerItem(status, parts(answer)))}</dl>
</section>
`;
}

function form(schema: unknown): Html {
  return html`<pre tabindex="0"><code>${JSON.stringify(schema, undefined, 2)}</code></pre>`;
}

function parameterTable(parameters: readonly unknown[]): Html {
  const rows = parameters.map(parts).map((parameter) => {
    const required = parameter['required'] === true ? 'required' : '';
    const place = text(parameter['in']);
    return html`<tr><td><code>${text(parameter['name'])}</code></td><td>${place}</td><td>${required}</td>
<td><code>${shape(parameter['schema'])}</code> ${text(parameter['description'])}</td></tr>`;
  });
  return html`<table><thead><tr><th>Parameter</th><th>In</th><th>Needed</th><th>Form</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

function bodySection(body: Part): Html {
  const content = Object.entries(parts(body['content']));
  if (content.length === 0) return html``;
  return html`<h3>Body</h3><ul>${content.map(
    ([mediaType, entry]) => html`<li><code>${mediaType}</code> ${reference(parts(entry)['schema'])}</li>`,
  )}</ul>`;
}

function answerItem(status: string, answer: Part): Html {
  const content = Object.entries(parts(answer['content'])).map(
    ([mediaType, entry]) => html` <code>${mediaType}</code> ${reference(parts(entry)['schema'])}`,
  );
  return html`<dt>${status}</dt><dd>${text(answer['description'])}${content}</dd>`;
}

function schemaSection(name: string, schema: unknown): Html {
  return html`<section id="schema-${name}"><h3>${name}</h3>${form(schema)}</section>
`;
}

/** A link to a named schema, or its form in a word. */
function reference(schema: unknown): Html {
  const first = list(parts(schema)['allOf'])[0] ?? schema;
  const name = /^#\/components\/schemas\/(\w+)$/.exec(text(parts(first)['$ref']))?.[1];
  if (name === undefined) return html`<code>${shape(schema)}</code>`;
  return html`<a href="#schema-${name}">${name}</a>`;
}

function shape(schema: unknown): string {
  const { type, enum: values, format, pattern, minimum, maximum, default: fallback } = parts(schema);
  const words = [
    Array.isArray(values) ? values.join(' | ') : text(type),
    text(format),
    text(pattern),
    minimum === undefined ? '' : `${String(minimum)}–${String(maximum)}`,
    fallback === undefined ? '' : `default ${String(fallback)}`,
  ];
  return words.filter((word) => word !== '').join(' ') || 'octets';
}

function parts(value: unknown): Part {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
