import type { SignatureProfileName, SigningMode } from '../../../core/brand.ts';
import type { ApplicationState } from '../../../core/sign-transaction/application.ts';
import type { VerificationState } from '../../../core/sign-transaction/verification.ts';

/** What our own columns hold, as the types that wrote them; only this room writes those columns. */

export function asState(text: string): ApplicationState {
  return text as ApplicationState;
}

export function asVerificationState(text: string): VerificationState {
  return text as VerificationState;
}

export function asProfile(text: string): SignatureProfileName {
  return text as SignatureProfileName;
}

export function asMode(text: string): SigningMode {
  return text as SigningMode;
}

export function parsedJson<T>(text: string): T {
  return JSON.parse(text) as T;
}
