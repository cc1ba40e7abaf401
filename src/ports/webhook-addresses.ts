/** Judges where a tenant may have webhooks sent. */
export interface WebhookAddresses {
  /**
   * https, port 443, no user, a name whose every address is public. Asked at registration; at each connection the
   * address that is really used is judged again.
   * @throws JitsuinError `webhook.url`, `webhook.address`
   */
  requirePublic(url: string): Promise<void>;
}
