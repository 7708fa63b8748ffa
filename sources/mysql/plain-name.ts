/** An identifier of MySQL has 64 characters at most: https://dev.mysql.com/doc/refman/8.4/en/identifier-length.html */
const PARTS = /^`?[\p{L}\p{N}_$-]{1,64}`?(\.`?[\p{L}\p{N}_$-]{1,64}`?){0,2}$/u;

/** Whether what a server quotes can be passed on as a name. One that means harm could quote anything. */
export const isPlainName = (quoted: string): boolean => PARTS.test(quoted.replace(/^'(.*)'$/s, '$1'));
