import { fromUtf8 } from '../../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { fits } from '../../core/json/shape.ts';
import { isJsonObject, parseStrictJson } from '../../core/json/strict-json.ts';
import { LOG_PROOF, type LogProof, verifyLogProof } from '../../core/transparency/log-proof.ts';
import { readVerifier } from '../../core/transparency/signed-note.ts';
import { type Command, UsageError } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { onlyOperand, readOctets } from '../document-arguments.ts';

export const logVerify: Command = declareCommand({
  name: 'log verify',
  operands: 'RECEIPT',
  about: `Judges offline whether a receipt is in the public log of its operator: RECEIPT is a file with the receipt (the
compact JWS, or the JSON that the API answered), --proof the answer of GET /v1/verifications/ID/log-proof. The log's
head must be signed by the pinned key of the log and by enough of the pinned witnesses. Whether the receipt itself is
right is another question: its signature is checked with the operator's published keys.

Exit status 0: it is in the log. 1: it is proved not to be shown so.`,
  options: {
    proof: { type: 'string', value: 'FILE', needed: true, means: 'the proof' },
    log: { type: 'string', value: 'KEY', needed: true, means: 'public key of the log, NAME+ID+KEY' },
    witness: {
      type: 'string',
      value: 'KEY',
      multiple: true,
      means: 'public key of a witness that is trusted',
    },
    quorum: { type: 'string', value: 'N', means: 'how many of them must have signed; default: all' },
    json: { type: 'boolean', means: 'print JSON' },
  },
  async run({ proof: proofFile, log, witness: keys = [], quorum: given, json }, operands, io) {
    const witnesses = keys.map(readVerifier);
    if (witnesses.some(({ type }) => type !== 'witness'))
      throw new UsageError('--witness is not the key of a witness.');
    const pinned = { log: readVerifier(log), witnesses, quorum: quorumOf(given, witnesses.length) };
    if (pinned.log.type !== 'log') throw new UsageError('--log is not the key of a log.');
    const receipt = receiptIn(fromUtf8(await readOctets(onlyOperand(operands, 'RECEIPT'))));
    const proof = proofIn(fromUtf8(await readOctets(proofFile)));
    try {
      const { size, witnessed, at } = verifyLogProof(receipt, proof, pinned);
      const entered = new Date(at).toISOString();
      const seen = witnessed.map(({ name, seconds }) => ({
        name,
        at: new Date(seconds * 1000).toISOString(),
      }));
      const found = { in_log: true, index: proof.index, size, entered, witnesses: seen };
      if (json) io.stdout(`${JSON.stringify(found)}\n`);
      else
        io.stdout(
          `In the log: entry ${proof.index} of ${size}, entered ${entered}, ${seen.length} witness(es).\n`,
        );
      return 0;
    } catch (thrown) {
      const { code, message, at } = asJitsuinError(thrown);
      if (code !== 'tlog.invalid') throw thrown;
      if (json) io.stdout(`${JSON.stringify({ in_log: false, code, at })}\n`);
      else io.stdout(`Not shown to be in the log [${code}]: ${message}\n`);
      return 1;
    }
  },
});

function quorumOf(given: string | undefined, all: number): number {
  if (given === undefined) return all;
  const quorum = /^[0-9]{1,2}$/.test(given) ? Number(given) : Number.NaN;
  if (quorum <= all) return quorum;
  throw new UsageError(`--quorum ${given} is no number up to that of --witness.`);
}

function receiptIn(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return trimmed;
  const parsed = parseStrictJson(trimmed);
  const receipt = isJsonObject(parsed) ? parsed['receipt'] : undefined;
  if (typeof receipt === 'string') return receipt;
  throw new JitsuinError('tlog.invalid', 'The file of RECEIPT holds no receipt.', { at: 'RECEIPT' });
}

function proofIn(text: string): LogProof {
  const proof: unknown = parseStrictJson(text);
  if (fits(LOG_PROOF, proof)) return proof;
  throw new JitsuinError('tlog.invalid', 'The file of --proof holds no proof of a public log.', {
    at: '--proof',
  });
}
