declare const brand: unique symbol;

/**
 * A value with a meaning the compiler keeps apart from others of the same shape: a function that wants a
 * digest cannot be given a document.
 */
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Octets of canonical XML (C14N 1.0, 1.1 or exclusive), UTF-8. Made by `core/c14n` only. */
export type CanonicalOctets = Brand<Uint8Array, 'CanonicalOctets'>;
/** A SHA-256 value, exactly 32 octets. Made by `core/digest` only. */
export type Sha256Digest = Brand<Uint8Array, 'Sha256Digest'>;
/** DER DigestInfo of SHA-256 with its 32-octet value, exactly 51 octets (RFC 8017 section 9.2, note 1). */
export type DigestInfo = Brand<Uint8Array, 'DigestInfo'>;
/** The `data` of the start request (署名対象ハッシュ値): base64 of 51 octets (digest-info) or 32 octets (digest). */
export type SigningInput = Brand<string, 'SigningInput'>;
/** 署名トランザクションID as the service issued it: UUID shape, checked loosely (the version nibble is not RFC 4122's). */
export type SignTransactionId = Brand<string, 'SignTransactionId'>;
/** A JWE in compact serialization (RFC 7516 section 3.1), not opened. */
export type CompactJwe = Brand<string, 'CompactJwe'>;
/** 署名値: the raw signature octets (256 for RSA-2048), not base64. */
export type SignatureValue = Brand<Uint8Array, 'SignatureValue'>;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMillis = Brand<number, 'EpochMillis'>;
/** Our own identifier of a tenant (a caller of our API). */
export type TenantId = Brand<string, 'TenantId'>;
/** Our own identifier of an application that a citizen signs (sp and gov). */
export type ApplicationId = Brand<string, 'ApplicationId'>;
/** Our own identifier of a verification (pf). */
export type VerificationId = Brand<string, 'VerificationId'>;

/**
 * `digest-info`: `data` is DigestInfo ‖ SHA-256, 51 octets. `digest`: `data` is SHA-256, 32 octets; the service
 * hashes again.
 */
export type SigningMode = 'digest-info' | 'digest';
/**
 * The XML Signature form, chosen by configuration, never by the document. `detached` signs a file's octets as they
 * are.
 */
export type SignatureProfileName = 'enveloped' | 'by-id' | 'guideline' | 'detached' | FormName;
/** Name of a receiver's form that is none of the profiles: a data file says what it is (`core/forms`). */
export type FormName = Brand<string, 'FormName'>;
