/** Files whose `node:crypto` is the page's: the pure rooms but for what no page reaches (opening a JWE, `inspect`). */
export function usesThePages(file) {
  return /\/src\/(core|verifier)\/(?!jwe\/|forms\/inspect\.)/.test(file);
}
