import { createTlogKey } from '../../adapters/transparency/tlog-key.ts';
import { verifierText } from '../../core/transparency/signed-note.ts';
import type { Command } from '../command.ts';
import { declareCommand } from '../declare-command.ts';

export const logKeygen: Command = declareCommand({
  name: 'log keygen',
  about: `Makes the Ed25519 key of a public log or of a witness in a new file of mode 600, and prints the public key as
others pin it: name, id and key with "+" between them (C2SP signed-note). A log's name is its origin and never changes;
take one under a domain of yours, without a scheme, for example log.example.jp/jitsuin.`,
  options: {
    name: { type: 'string', value: 'NAME', needed: true, means: 'of the log or witness' },
    out: { type: 'string', value: 'FILE', needed: true, means: 'where the key goes; never written over' },
    witness: { type: 'boolean', means: 'the key of a witness, not of a log' },
  },
  async run({ name, out, witness }, _operands, io) {
    const signer = await createTlogKey(out, name, witness ? 'witness' : 'log');
    io.stdout(`${verifierText(signer)}\n`);
    return 0;
  },
});
