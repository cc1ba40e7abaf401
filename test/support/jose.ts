/** Any JOSE object in compact form. Long enough that sealed octets, which are random, do not look like one by chance. */
export const JOSE = /(?<![\w-])eyJ[\w-]{12}/;
