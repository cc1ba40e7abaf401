import { toBase64, toUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { type NoteVerifier, noteOf, readNote, verifiedBy } from '../../core/transparency/signed-note.ts';
import type { HttpClient } from '../../ports/http-client.ts';

export interface Witness {
  readonly verifier: NoteVerifier;
  /** @returns its signature line over the head. @throws JitsuinError `tlog.broken`, `upstream.*` */
  sign(head: WitnessHead): Promise<string>;
}

interface WitnessHead {
  readonly size: number;
  readonly note: string;
  readonly proof: (from: number) => readonly Uint8Array[];
}

const MOST_ANSWER = 65_536;

/** A witness at its submission prefix, asked by C2SP tlog-witness `add-checkpoint`. */
export function createWitness(http: HttpClient, url: string, verifier: NoteVerifier): Witness {
  let old = 0;
  const ask = async ({ note, proof }: WitnessHead, from: number) => {
    const lines = [`old ${from}`, ...proof(from).map((hash) => toBase64(hash)), ''];
    const response = await http.send({
      method: 'POST',
      url: `${url}/add-checkpoint`,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: toUtf8(`${lines.join('\n')}\n${note}`),
      maxResponseOctets: MOST_ANSWER,
    });
    return { status: response.status, text: Buffer.from(response.body).toString('utf8') };
  };
  return {
    verifier,
    sign: async (head) => {
      let from = Math.min(old, head.size);
      let answer = await ask(head, from);
      const known =
        answer.status === 409 && /^[0-9]{1,15}\n?$/.test(answer.text) ? Number(answer.text) : undefined;
      if (known !== undefined && known > head.size) throw seenOther(verifier, 'a greater tree');
      if (known !== undefined && known === from) throw seenOther(verifier, 'another tree of this size');
      if (known !== undefined) {
        from = known;
        answer = await ask(head, from);
      }
      if (answer.status === 422) throw seenOther(verifier, 'a tree that this one does not go on from');
      if (answer.status === 409) throw seenOther(verifier, 'another tree of this size');
      if (answer.status !== 200) {
        const message = `The witness "${verifier.name}" answered ${answer.status}.`;
        throw new JitsuinError('upstream.response', message, { at: verifier.name });
      }
      old = head.size;
      return cosignature(verifier, head.note, answer.text);
    },
  };
}

function cosignature(verifier: NoteVerifier, note: string, lines: string): string {
  const { text } = readNote(note);
  const signed = readNote(noteOf(text, lines.trimEnd().split('\n')));
  const right = signed.signatures.find(
    (one) => verifiedBy(verifier, { text, signatures: [one] }) !== undefined,
  );
  if (right !== undefined) return right.line;
  const message = `The witness "${verifier.name}" gave no signature of its own on the head.`;
  throw new JitsuinError('upstream.response', message, { at: verifier.name });
}

function seenOther({ name }: NoteVerifier, what: string): JitsuinError {
  const message = `The witness "${name}" has signed ${what}: the public log here is not the one that it saw.`;
  return new JitsuinError('tlog.broken', message, { at: name });
}
