import { readReceiptKeys } from '../../adapters/pf-verification/receipt-judge.ts';
import { readPfConfig } from '../../config/pf.ts';
import { pkcs11Of } from '../../config/pkcs11.ts';
import type { KeyProtocol } from '../../contracts/key-protocol.ts';
import { fromUtf8, toUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { keyChanges, keyProtocol, type ProtocolPorts, readKeyProtocol } from '../../pf/key-protocol.ts';
import { openPf } from '../../roles/pf/wiring.ts';
import { keyProtocolPage } from '../../web/key-protocol-page.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { readOctets, writeOctets } from '../document-arguments.ts';

export const pfKeyProtocol: Command = declareCommand({
  name: 'pf key-protocol',
  operands: '[ID]',
  about: `A key of the platform operator is made, activated, expired and destroyed at the console by two
administrators. Of such a change this writes a protocol for auditors: who asked and who allowed it, when, which key
(its public part), and the records of the audit log with their hashes, signed by the key of the receipts. Without an
ID it lists the changes that were carried out.`,
  options: {
    out: {
      type: 'string',
      value: 'FILE',
      means: 'where the signed protocol goes; - (default) is standard output',
    },
    html: { type: 'string', value: 'FILE', means: 'write it as a page to be printed too (鍵管理記録)' },
    check: { type: 'string', value: 'FILE', means: 'judge a signed protocol instead; with --operator-keys' },
    'operator-keys': {
      type: 'string',
      value: 'FILE',
      means: 'the JWK Set of the operator (/.well-known/jwks.json) by which --check judges',
    },
    json: { type: 'boolean', means: 'print the list, or what --check found, as JSON' },
  },
  async run(values, operands, io) {
    const { check, out = '-', html, json = false } = values;
    if (check !== undefined) {
      if (operands.length > 0) throw new UsageError('--check judges a file; give no ID beside it.');
      const keys = values['operator-keys'];
      if (keys === undefined)
        throw new UsageError('--check needs --operator-keys FILE, the published JWK Set.');
      const { keys: published } = await readReceiptKeys(keys, '--operator-keys');
      const protocol = readKeyProtocol(fromUtf8(await readOctets(check)), published);
      io.stdout(json ? `${JSON.stringify(protocol)}\n` : told(protocol));
      return 0;
    }
    const [id, second] = operands;
    if (second !== undefined) throw new UsageError(`"${second}" is one ID too many; give exactly one.`);
    return withProtocolPorts(io, async (ports) => {
      if (id === undefined) return list(ports, json, io);
      const signed = await keyProtocol(ports, id);
      const text = `${JSON.stringify(signed, undefined, 2)}\n`;
      await writeOctets(out, toUtf8(text), io);
      const protocol = readKeyProtocol(text, ports.operator.receipts.jwks.keys);
      if (html !== undefined) await writeOctets(html, toUtf8(keyProtocolPage(protocol, signed)), io);
      return 0;
    });
  },
});

async function withProtocolPorts<T>(io: CommandIo, act: (ports: ProtocolPorts) => Promise<T>): Promise<T> {
  const config = readPfConfig(io.env, io);
  const opened = await openPf(config, 'pf', config.publicUrl ?? `http://${config.host}:${config.port}`);
  const { operator, store, keystore } = opened;
  try {
    if (keystore === undefined)
      throw new JitsuinError(
        'key.not-found',
        'The keys lie in a module of your own: its changes are not made here, and have no protocol.',
        { at: 'JITSUIN_PF_KEYS_MODULE' },
      );
    const { approvals, operators: staff, audit } = store;
    const heldIn = pkcs11Of(config)?.keys.has('decryption') === true ? 'pkcs11-token' : 'keystore-file';
    return await act({ operator, approvals, staff, audit, keys: await keystore.list(), heldIn });
  } finally {
    await opened.close();
  }
}

async function list(ports: ProtocolPorts, json: boolean, io: CommandIo): Promise<0> {
  const changes = await keyChanges(ports);
  const rows = changes.map(({ id, kind, subject, requestedAt, decidedAt }) => ({
    id,
    kind,
    of: subject,
    requested_at: new Date(requestedAt).toISOString(),
    decided_at: new Date(decidedAt ?? requestedAt).toISOString(),
  }));
  if (json) io.stdout(`${JSON.stringify(rows)}\n`);
  else if (rows.length === 0)
    io.stdout('No change of a decryption key was carried out by two administrators.\n');
  else for (const { id, kind, of, decided_at } of rows) io.stdout(`${id}  ${kind}  ${of}  ${decided_at}\n`);
  return 0;
}

function told({ change, key, operator, audit, audit_head }: KeyProtocol): string {
  const { requested_by: asked, approved_by: allowed } = change;
  return [
    `Signed by ${operator}: ${change.kind} of ${key.kid} (${key.service}, ${key.environment}, ${key.held_in})`,
    `  asked for by ${asked.name} (${asked.id}) at ${asked.at}`,
    `  allowed by ${allowed.name} (${allowed.id}) at ${allowed.at}`,
    `  ${audit.length} records of the audit log, whose head was ${audit_head}`,
    '',
  ].join('\n');
}
