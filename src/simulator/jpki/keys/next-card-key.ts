/**
 * SIMULATOR ONLY. The signing key of the pretended next card (次期個人番号カード: P-384). It is public, was made once for
 * the simulator with node:crypto and protects nothing. PKCS #8 PEM.
 */
export const SIMULATOR_ONLY_NEXT_CARD_KEY = `-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBVfKtdFzTZbHJQ3B0i
+DjkD/+ObSezyv5L1pXiWDEv5tZa3AEwmHsrnh+rqKGo5zihZANiAATBPsOZalaE
UcFV/Q1tYfUWc/F4THTbj7etVpPE+Gj5xuL01987+gMQ+ZfIjeQZJvJhi3B2h81z
tGjaY6mzWSx4eDldVLqnXr3WF1ngPfjE6S5If7pXWuxMYwE9+hnszvY=
-----END PRIVATE KEY-----
`;
