/** Messages of PostgreSQL's protocol 3.0: a letter, four bytes of length, and what it says. */
export const message = (letter: string, body: Buffer | string): Buffer => {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const head = Buffer.alloc(5);
  head.write(letter, 0);
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
};

export const errorMessage = (severity: string, code: string, text: string): Buffer =>
  message('E', `S${severity}\0V${severity}\0C${code}\0M${text}\0\0`);

export const ready = (status: 'I' | 'T' | 'E'): Buffer => message('Z', status);

/** Calls for each whole message, however the bytes arrive. */
export function onMessages(handle: (letter: string, whole: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= 5) {
      const end = at + rest.readInt32BE(at + 1) + 1;
      if (rest.length < end) break;
      handle(String.fromCharCode(rest[at] ?? 0), rest.subarray(at, end));
      at = end;
    }
    rest = rest.subarray(at);
  };
}

/** The SQL of a Query or of a Parse. */
export function sqlIn(letter: string, whole: Buffer): string {
  if (letter === 'Q') return whole.toString('utf8', 5, whole.length - 1);
  const name = whole.indexOf(0, 5);
  return whole.toString('utf8', name + 1, whole.indexOf(0, name + 1));
}

/** The same message with other SQL. */
export function withSql(letter: string, whole: Buffer, sql: string): Buffer {
  if (letter === 'Q') return message('Q', `${sql}\0`);
  const name = whole.indexOf(0, 5);
  const end = whole.indexOf(0, name + 1);
  return message('P', Buffer.concat([whole.subarray(5, name + 1), Buffer.from(sql), whole.subarray(end)]));
}

/** A RowDescription with other OIDs of types. */
export function withOids(whole: Buffer, oidOf: (oid: number) => number): Buffer {
  const changed = Buffer.from(whole);
  let at = 7;
  for (let left = changed.readInt16BE(5); left > 0; left -= 1) {
    at = changed.indexOf(0, at) + 1 + 4 + 2;
    changed.writeInt32BE(oidOf(changed.readInt32BE(at)), at);
    at += 4 + 2 + 4 + 2;
  }
  return changed;
}
