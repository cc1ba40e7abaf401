// What package.json and the files that people deploy with start as an sp. Text is enough to refuse the other program: a start of
// an sp is a line that names `serve` or `worker` with the role sp, or the program's own name.
const FILES = [
  ['Dockerfile', /^ENTRYPOINT \["node", "--", "\/app\/dist\/sp\/src\/cli\/sp-main\.js"\]$/m],
  [
    'docker-compose.yml',
    /^x-sp: &sp\n(?: {2}.*\n)*? {2}build: \{ context: \., target: sp, args: \*base \}$/m,
  ],
  ['samples/helm/jitsuin/templates/_names.tpl', /printf "jitsuin-%s" \.Values\.role/],
  ['samples/server/systemd/jitsuin@.service', /^ExecStart=\/usr\/local\/bin\/jitsuin-%i serve /m],
  ['samples/server/systemd/jitsuin-worker@.service', /^ExecStart=\/usr\/local\/bin\/jitsuin-%i worker /m],
  ['README.md', /^npx jitsuin-sp serve/m],
  ['README.ja.md', /^npx jitsuin-sp serve/m],
  ['samples/guides/run-as-sp.md', /npx jitsuin-sp serve/],
];
const ANOTHER = /\bjitsuin +(?:serve|worker) .*--role[ =]sp\b|(?:serve|worker), *--role, *sp\b/;

/**
 * @param {string} entry the program that was proved, as a path from the root
 * @param {(file: string) => string | undefined} read a file of the root, where it is there
 * @returns {string[]} what is wrong
 */
export function startedAsSp(entry, read) {
  const found = [];
  const { bin } = JSON.parse(read('package.json') ?? '{}');
  if (bin?.['jitsuin-sp'] !== entry)
    found.push(`package.json: bin jitsuin-sp is ${bin?.['jitsuin-sp']}, and ${entry} was proved`);
  for (const [file, start] of FILES) {
    const text = read(file);
    if (text === undefined) continue;
    if (!start.test(text)) found.push(`${file} does not start jitsuin-sp (${start.source})`);
    for (const [number, line] of text.split('\n').entries())
      if (ANOTHER.test(line))
        found.push(`${file}:${number + 1} starts an sp with another program: ${line.trim()}`);
  }
  return found;
}
