/**
 * Asks for revocation data about one certificate. Only configured sources; a URL inside a certificate is never
 * followed.
 */
export interface RevocationSource {
  /** DER OCSPRequest → DER OCSPResponse. @throws JitsuinError `revocation.unavailable` */
  ocsp?(request: Uint8Array): Promise<Uint8Array>;
  /**
   * DER CRL for the distribution point, given as the DER Name that the certificate names.
   * @param authorityKeyIdentifier of the certificate: chooses among generations of a CA, which may name their
   * partitions alike
   * @throws JitsuinError `revocation.unavailable`
   */
  crl?(distributionPoint: Uint8Array, authorityKeyIdentifier?: Uint8Array): Promise<Uint8Array>;
  /** The source's clock minus ours in milliseconds, by the Date of its newest answer; undefined when it told none. */
  clockOffset?(): number | undefined;
}
