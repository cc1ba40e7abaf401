import { type ErrorCode, JitsuinError } from '../../core/errors.ts';
import { reportRow } from '../../core/indications.ts';
import { type Check, type FindingFacts, finding } from '../../core/report.ts';
import { XML_SIGNATURE_CHECKS, type XmlSignatureCheckName } from './validation.ts';

/** Codes that belong to a check of their own, whichever one was running when they were found. */
const CHECK_OF_CODE: Readonly<Partial<Record<ErrorCode, XmlSignatureCheckName>>> = {
  'xml.size': 'size',
  'xml.encoding': 'encoding',
  'xml.limit': 'well-formed',
  'xml.version': 'well-formed',
  'xml.dtd': 'well-formed',
  'xml.not-well-formed': 'well-formed',
  'xml.namespace': 'well-formed',
};

/** Thrown inside a verification once a check did not pass; never leaves it. */
export class CheckStopped extends Error {
  override readonly name = 'CheckStopped';
}

const NOT_REACHED: readonly Check[] = XML_SIGNATURE_CHECKS.map((name) =>
  Object.freeze({ name, result: 'not-reached' }),
);
const PASSED: readonly Check[] = XML_SIGNATURE_CHECKS.map((name) =>
  Object.freeze({ name, result: 'passed' }),
);

/** Records named checks in their fixed order and stops at the first that does not pass. */
export class CheckRecorder {
  /** By place in XML_SIGNATURE_CHECKS. */
  readonly #results: Check[] = [...NOT_REACHED];

  /** Runs one check. A JitsuinError of the table becomes its result; anything else is our own fault and goes on up. */
  run<T>(name: XmlSignatureCheckName, step: () => T): T {
    try {
      const value = step();
      this.pass(name);
      return value;
    } catch (thrown) {
      if (!(thrown instanceof JitsuinError) || reportRow(thrown.code) === undefined) throw thrown;
      const detail = thrown.at === undefined ? thrown.message : `${thrown.message} (${thrown.at})`;
      const code = thrown.code === 'xmldsig.signed-element' ? 'xmldsig.other-form' : thrown.code;
      return this.stop(CHECK_OF_CODE[code] ?? name, code, { detail });
    }
  }

  /** Records what is not as it should be and goes on: what comes after may still prove more. */
  note(name: XmlSignatureCheckName, code: ErrorCode, facts: FindingFacts = {}): void {
    this.#record(name, finding(name, code, facts));
  }

  /** Records what is not as it should be, and stops. The checks before it passed. */
  stop(name: XmlSignatureCheckName, code: ErrorCode, facts: FindingFacts = {}): never {
    this.#record(name, finding(name, code, facts));
    throw new CheckStopped();
  }

  /** Adds, after the recorder has stopped, what is proved behind it. */
  prove({ name, code, detail }: { name: XmlSignatureCheckName; code: ErrorCode; detail: string }): void {
    this.#results[XML_SIGNATURE_CHECKS.indexOf(name)] = finding(name, code, { detail });
  }

  /** Records why a check is not made at all. */
  skip(name: XmlSignatureCheckName, detail: string): void {
    this.#results[XML_SIGNATURE_CHECKS.indexOf(name)] = { name, result: 'not-reached', detail };
  }

  /** All checks in order; those without a result are `not-reached`. */
  checks(): Check[] {
    return [...this.#results];
  }

  /** Records a pass of this check, and of those before it that the same step has covered. */
  pass(name: XmlSignatureCheckName): void {
    this.#record(name);
  }

  /** Records one result; those before it without one have passed. */
  #record(name: XmlSignatureCheckName, found?: Check): void {
    const place = XML_SIGNATURE_CHECKS.indexOf(name);
    for (let index = 0; index <= place; index += 1) {
      const open = this.#results[index] === NOT_REACHED[index];
      const passed = PASSED[index];
      if (open && passed !== undefined) this.#results[index] = passed;
    }
    if (found !== undefined) this.#results[place] = found;
  }
}
