/** One call as it is written down: the very request, with a key that stands in the environment. */
export interface ExampleCall {
  readonly method: string;
  readonly url: string;
  /** Absent: nobody is asked who they are. */
  readonly bearer?: string;
  readonly idempotencyKey?: string;
  readonly mediaType?: string;
  readonly body?: string;
}

export interface ExampleText {
  readonly language: string;
  readonly text: string;
}

/** The same call by curl, and in three languages by what comes with them. */
export function exampleTexts(call: ExampleCall): readonly ExampleText[] {
  return [
    { language: 'curl', text: curl(call) },
    { language: 'TypeScript', text: typeScript(call) },
    { language: 'Python', text: python(call) },
    { language: 'Java', text: java(call) },
  ];
}

function headersOf({ idempotencyKey, mediaType }: ExampleCall): readonly (readonly [string, string])[] {
  const headers = [
    ['Idempotency-Key', idempotencyKey],
    ['Content-Type', mediaType],
  ] as const;
  return headers.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

function curl(call: ExampleCall): string {
  const { method, url, bearer, body } = call;
  const lines = [
    `curl -X ${method} ${shell(url)}`,
    ...(bearer === undefined ? [] : [`-H "Authorization: Bearer $${bearer}"`]),
    ...headersOf(call).map(([name, value]) => `-H ${shell(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-binary ${shell(body)}`]),
  ];
  return lines.join(' \\\n  ');
}

function shell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function typeScript(call: ExampleCall): string {
  const { method, url, bearer, body } = call;
  const headers = [
    ...(bearer === undefined ? [] : [`    Authorization: \`Bearer \${process.env.${bearer}}\`,`]),
    ...headersOf(call).map(([name, value]) => `    ${quoted(name)}: ${quoted(value)},`),
  ];
  return [
    `const answer = await fetch(${quoted(url)}, {`,
    `  method: ${quoted(method)},`,
    ...(headers.length === 0 ? [] : ['  headers: {', ...headers, '  },']),
    ...(body === undefined ? [] : [`  body: ${quoted(body)},`]),
    '});',
    'console.log(answer.status, await answer.text());',
  ].join('\n');
}

function python(call: ExampleCall): string {
  const { method, url, bearer, body } = call;
  const headers = [
    ...(bearer === undefined ? [] : [`        "Authorization": "Bearer " + os.environ["${bearer}"],`]),
    ...headersOf(call).map(([name, value]) => `        ${quoted(name)}: ${quoted(value)},`),
  ];
  return [
    'import os, urllib.request',
    '',
    'request = urllib.request.Request(',
    `    ${quoted(url)},`,
    `    method=${quoted(method)},`,
    ...(headers.length === 0 ? [] : ['    headers={', ...headers, '    },']),
    ...(body === undefined ? [] : [`    data=${quoted(body)}.encode(),`]),
    ')',
    'with urllib.request.urlopen(request) as answer:',
    '    print(answer.status, answer.read().decode())',
  ].join('\n');
}

function java(call: ExampleCall): string {
  const { method, url, bearer, body } = call;
  const publisher = body === undefined ? 'noBody()' : `ofString(${quoted(body)})`;
  return [
    `var request = HttpRequest.newBuilder(URI.create(${quoted(url)}))`,
    ...(bearer === undefined ? [] : [`    .header("Authorization", "Bearer " + System.getenv("${bearer}"))`]),
    ...headersOf(call).map(([name, value]) => `    .header(${quoted(name)}, ${quoted(value)})`),
    `    .method(${quoted(method)}, BodyPublishers.${publisher})`,
    '    .build();',
    'var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());',
    'System.out.println(answer.statusCode() + " " + answer.body());',
  ].join('\n');
}

/** A text that all three languages read alike: that of JSON. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
