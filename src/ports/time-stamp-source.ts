/** A time-stamp authority. @throws JitsuinError `timestamp.unavailable` */
export interface TimeStampSource {
  /** DER TimeStampReq → DER TimeStampResp (RFC 3161 section 3.4). */
  stamp(request: Uint8Array): Promise<Uint8Array>;
}
