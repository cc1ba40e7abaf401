/** A UUID as we write it: lower-case hexadecimal with hyphens (RFC 9562 section 4). */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
