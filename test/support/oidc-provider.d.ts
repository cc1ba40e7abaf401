/** The few members of oidc-provider (JavaScript, no types of its own) that the contract test uses. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface OidcContext {
    readonly oidc: { readonly entities: { readonly AccessToken?: { readonly jti: string } } };
  }

  interface Grant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly Grant: new (subject: {
      readonly accountId: string;
      readonly clientId: string;
    }) => Grant;
    callback(): (incoming: IncomingMessage, outgoing: ServerResponse) => void;
    interactionDetails(
      incoming: IncomingMessage,
      outgoing: ServerResponse,
    ): Promise<{ readonly params: { readonly client_id: string; readonly scope: string } }>;
    interactionFinished(
      incoming: IncomingMessage,
      outgoing: ServerResponse,
      result: Readonly<Record<string, unknown>>,
    ): Promise<void>;
  }
}
