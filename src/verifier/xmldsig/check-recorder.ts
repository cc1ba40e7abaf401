import { type ErrorCode, JitsuinError } from '../../core/errors.ts';
import type { Check, SubIndication } from '../../core/report.ts';
import { XML_SIGNATURE_CHECKS, type XmlSignatureCheckName } from './validation.ts';

interface Fault {
  /** The check that the code belongs to, when it is not the one that was running. */
  readonly check?: XmlSignatureCheckName;
  readonly result: 'failed' | 'indeterminate';
  readonly subIndication: SubIndication;
  /** Code to report instead, when the same fault means something else to a signer. */
  readonly code?: ErrorCode;
}

const FORMAT: Fault = { result: 'failed', subIndication: 'FORMAT_FAILURE' };
const LIMIT: Fault = { result: 'indeterminate', subIndication: 'SIG_CONSTRAINTS_FAILURE' };
const CRYPTO: Fault = { result: 'failed', subIndication: 'CRYPTO_CONSTRAINTS_FAILURE' };

/** What a code found on the way means for the report. A limit that was hit decides nothing about the signature. */
const FAULTS: Readonly<Partial<Record<ErrorCode, Fault>>> = {
  'xml.size': { ...LIMIT, check: 'size' },
  'xml.encoding': { ...FORMAT, check: 'encoding' },
  'xml.limit': { ...LIMIT, check: 'well-formed' },
  'xml.version': { ...FORMAT, check: 'well-formed' },
  'xml.dtd': { ...FORMAT, check: 'well-formed' },
  'xml.not-well-formed': { ...FORMAT, check: 'well-formed' },
  'xml.namespace': { ...FORMAT, check: 'well-formed' },
  'xmldsig.unsigned': FORMAT,
  'xmldsig.shape': FORMAT,
  'xmldsig.signed-element': { ...FORMAT, code: 'xmldsig.shape' },
  'base64.invalid': FORMAT,
  'xmldsig.policy': { result: 'failed', subIndication: 'SIG_CONSTRAINTS_FAILURE' },
  'certificate.key-policy': CRYPTO,
  'c14n.relative-namespace': FORMAT,
  'xmldsig.signature': { result: 'failed', subIndication: 'SIG_CRYPTO_FAILURE' },
  'xmldsig.digest': { result: 'failed', subIndication: 'HASH_FAILURE' },
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
      const fault = thrown instanceof JitsuinError ? FAULTS[thrown.code] : undefined;
      if (fault === undefined || !(thrown instanceof JitsuinError)) throw thrown;
      return this.stop(fault.check ?? name, {
        result: fault.result,
        code: fault.code ?? thrown.code,
        subIndication: fault.subIndication,
        detail: thrown.at === undefined ? thrown.message : `${thrown.message} (${thrown.at})`,
      });
    }
  }

  /** Records a result that is not a pass, and stops. The checks before it passed. */
  stop(name: XmlSignatureCheckName, found: Omit<Check, 'name'>): never {
    this.#record(name, { name, ...found });
    throw new CheckStopped();
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
