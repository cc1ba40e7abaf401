import { createRequire } from 'node:module';
import { JitsuinError } from '../../../core/errors.ts';

/** As far as it is used here: npm's pkcs11js, a native package that is installed only where there is a token. */
export interface Cryptoki {
  load(path: string): void;
  close(): void;
  C_Initialize(options: { readonly flags: number }): void;
  C_GetSlotList(tokenPresent: boolean): readonly Buffer[];
  C_GetTokenInfo(slot: Buffer): { readonly label: string; readonly flags: number };
  C_OpenSession(slot: Buffer, flags: number): Buffer;
  C_CloseSession(session: Buffer): void;
  C_Login(session: Buffer, user: number, pin: string): void;
  C_FindObjectsInit(session: Buffer, template: readonly CryptokiAttribute[]): void;
  C_FindObjects(session: Buffer, most: number): readonly Buffer[];
  C_FindObjectsFinal(session: Buffer): void;
  C_GetAttributeValue(
    session: Buffer,
    object: Buffer,
    template: readonly CryptokiAttribute[],
  ): readonly { readonly type: number; readonly value: Buffer }[];
  C_DestroyObject(session: Buffer, object: Buffer): void;
  C_GenerateKeyAsync(
    session: Buffer,
    mechanism: CryptokiMechanism,
    template: readonly CryptokiAttribute[],
  ): Promise<Buffer>;
  C_GenerateKeyPairAsync(
    session: Buffer,
    mechanism: CryptokiMechanism,
    publicTemplate: readonly CryptokiAttribute[],
    privateTemplate: readonly CryptokiAttribute[],
  ): Promise<{ readonly privateKey: Buffer; readonly publicKey: Buffer }>;
  C_DeriveKeyAsync(
    session: Buffer,
    mechanism: CryptokiMechanism,
    key: Buffer,
    template: readonly CryptokiAttribute[],
  ): Promise<Buffer>;
  C_SignInit(session: Buffer, mechanism: CryptokiMechanism, key: Buffer): void;
  C_SignAsync(session: Buffer, octets: Buffer, signature: Buffer): Promise<Buffer>;
  C_EncryptInit(session: Buffer, mechanism: CryptokiMechanism, key: Buffer): void;
  C_EncryptAsync(session: Buffer, octets: Buffer, into: Buffer): Promise<Buffer>;
  C_DecryptInit(session: Buffer, mechanism: CryptokiMechanism, key: Buffer): void;
  C_DecryptAsync(session: Buffer, octets: Buffer, into: Buffer): Promise<Buffer>;
}

export interface CryptokiAttribute {
  readonly type: number;
  readonly value?: number | boolean | string | Buffer;
}

interface CryptokiMechanism {
  readonly mechanism: number;
  readonly parameter?: Readonly<Record<string, number | Buffer>>;
}

/** Numbers of PKCS#11 3.1 (pkcs11t.h), as far as they are used here. */
export const CK = {
  CKF_LOGIN_REQUIRED: 0x4,
  CKF_OS_LOCKING_OK: 0x2,
  CKF_RW_SESSION: 0x2,
  CKF_SERIAL_SESSION: 0x4,
  CKU_USER: 1,
  CKO_PUBLIC_KEY: 2,
  CKO_PRIVATE_KEY: 3,
  CKO_SECRET_KEY: 4,
  CKK_EC: 3,
  CKK_GENERIC_SECRET: 0x10,
  CKK_AES: 0x1f,
  CKA_CLASS: 0x0,
  CKA_TOKEN: 0x1,
  CKA_PRIVATE: 0x2,
  CKA_LABEL: 0x3,
  CKA_VALUE: 0x11,
  CKA_KEY_TYPE: 0x100,
  CKA_ID: 0x102,
  CKA_SENSITIVE: 0x103,
  CKA_ENCRYPT: 0x104,
  CKA_DECRYPT: 0x105,
  CKA_SIGN: 0x108,
  CKA_VERIFY: 0x10a,
  CKA_DERIVE: 0x10c,
  CKA_VALUE_LEN: 0x161,
  CKA_EXTRACTABLE: 0x162,
  CKA_EC_PARAMS: 0x180,
  CKA_EC_POINT: 0x181,
  CKM_EC_KEY_PAIR_GEN: 0x1040,
  CKM_ECDSA: 0x1041,
  CKM_ECDH1_DERIVE: 0x1050,
  CKM_AES_KEY_GEN: 0x1080,
  CKM_AES_GCM: 0x1087,
  CKD_NULL: 1,
  CKR_ATTRIBUTE_SENSITIVE: 0x11,
  CKR_ATTRIBUTE_TYPE_INVALID: 0x12,
  CKR_MECHANISM_PARAM_INVALID: 0x71,
  CKR_USER_ALREADY_LOGGED_IN: 0x100,
} as const;

interface Binding {
  readonly PKCS11: new () => Cryptoki;
  readonly CK_PARAMS_EC_DH: number;
  readonly CK_PARAMS_AES_GCM_v240: number;
}

/** The installed binding. @throws JitsuinError `config.invalid` where it is not installed */
export function loadBinding(): Binding {
  try {
    return createRequire(import.meta.url)('pkcs11js') as Binding;
  } catch (cause) {
    const message =
      'JITSUIN_PKCS11_MODULE needs the package pkcs11js beside jitsuin, and it cannot be loaded. ' +
      'Run: npm install pkcs11js@2.1.7';
    throw new JitsuinError('config.invalid', message, { at: 'JITSUIN_PKCS11_MODULE', cause });
  }
}
