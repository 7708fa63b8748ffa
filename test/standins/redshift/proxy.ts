import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { S3Client } from '@aws-sdk/client-s3';
import { asPostgresSql, type RedshiftTypes } from './dialect.ts';
import { leavePart, unloadIn, writeFiles, type Unload } from './unload.ts';
import { errorMessage, message, onMessages, ready, sqlIn, withOids, withSql } from './wire.ts';

const SSL_REQUEST = 80877103;
const PROTOCOL_3 = 196608;

export interface Proxy {
  port: number;
  close(): Promise<void>;
}

interface Options {
  /** The PostgreSQL behind. */
  port: number;
  key: Buffer;
  certificate: Buffer;
  types: RedshiftTypes;
  s3: S3Client;
  /** Then no FETCH may ask for more than 1000 rows. */
  singleNode?: boolean;
}

/**
 * PostgreSQL that behaves at its wire as Redshift does: TLS required, version 8.0.2, no COPY … TO STDOUT, one cursor at a
 * time, FETCH limited on a single node, the row limit of an unnamed portal ignored, OIDs of Redshift's own types, UNLOAD,
 * which may leave a file behind when it fails.
 * Written from the documentation of Redshift and of its drivers; the real `pg` passes through it.
 */
export async function startProxy(options: Options): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.once('data', (first) => greet(socket, first, options));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

function greet(socket: Socket, first: Buffer, options: Options): void {
  const asked = first.length >= 8 ? first.readInt32BE(4) : 0;
  if (asked === SSL_REQUEST) {
    socket.write('S');
    const secured = new TLSSocket(socket, { isServer: true, key: options.key, cert: options.certificate });
    secured.on('error', () => socket.destroy());
    secured.once('data', (startup: Buffer) => serve(secured, startup, options));
  } else if (asked === PROTOCOL_3) {
    const text = 'no pg_hba.conf entry for host "127.0.0.1", user "someone", database "some", SSL off';
    socket.end(errorMessage('FATAL', '28000', text));
  } else socket.destroy();
}

const REFUSED: readonly (readonly [RegExp, string, string])[] = [
  [/^\s*copy\b.*\bto\s+stdout/is, '42601', 'syntax error at or near "stdout"'],
  [/\bjsonb\b/i, '42704', 'type "jsonb" does not exist'],
];

function serve(client: Socket, startup: Buffer, options: Options): void {
  const server = connect({ host: '127.0.0.1', port: options.port });
  for (const socket of [client, server]) socket.setNoDelay(true);
  server.write(startup);
  let cursorIsOpen = false;
  let inTransaction: 'I' | 'T' | 'E' = 'I';
  /** What is left of a pipeline whose beginning was answered here. */
  let swallow: (() => void) | null = null;
  let unloadedRows = 0;
  let unloading: { unload: Unload; lines: Buffer[]; failed: boolean } | null = null;
  /** The error of `refused by the proxy` is ours. */
  let mute = false;

  const refusal = (sql: string): Buffer | null => {
    for (const [pattern, code, text] of REFUSED)
      if (pattern.test(sql)) return errorMessage('ERROR', code, text);
    if (/^declare\b/i.test(sql) && cursorIsOpen) {
      return errorMessage('ERROR', '42P03', 'cursor already exists');
    }
    const rows = Number(/^fetch forward (\d+)/i.exec(sql)?.[1] ?? 0);
    if (options.singleNode === true && rows > 1000) {
      const text = `Fetch size ${rows} exceeds the limit of 1000 for a single node configuration. Reduce the client fetch/cache size or upgrade to a multi node installation.`;
      return errorMessage('ERROR', 'XX000', text);
    }
    return null;
  };
  const begin = (unload: Unload): void => {
    unloading = { unload, lines: [], failed: false };
    const copy = `copy (${asPostgresSql(unload.select)}) to stdout with (format csv)`;
    server.write(message('Q', `/* unload to s3://${unload.bucket}/${unload.prefix} */ ${copy}\0`));
  };
  const fromClient = onMessages((letter, whole) => {
    if (swallow !== null) {
      if (letter !== 'S') return;
      const answer = swallow;
      swallow = null;
      return answer();
    }
    if (letter !== 'Q' && letter !== 'P') {
      // The unnamed portal gives all its rows at once.
      if (letter === 'E' && whole[5] === 0) whole.writeInt32BE(0, 6);
      return void server.write(whole);
    }
    const sql = sqlIn(letter, whole);
    const unload = unloadIn(sql);
    const refused = unload === null ? refusal(sql) : null;
    const answer = (): void => {
      if (unload !== null) return begin(unload);
      // A transaction that fails here must be one that has failed there.
      if (inTransaction === 'T') return void server.write(message('Q', 'refused by the proxy\0'));
      client.write(ready('I'));
    };
    if (unload === null && refused === null) {
      const counted = sql.replace('pg_last_unload_count()', `${unloadedRows}::bigint`);
      return void server.write(withSql(letter, whole, asPostgresSql(counted)));
    }
    if (refused !== null) client.write(refused);
    if (refused !== null && inTransaction === 'T') mute = true;
    if (letter === 'Q') answer();
    else swallow = answer;
  });
  const unloaded = async ({ lines, unload }: { unload: Unload; lines: Buffer[] }): Promise<void> => {
    try {
      await writeFiles(options.s3, unload, lines);
      unloadedRows = lines.length;
      client.write(Buffer.concat([message('1', ''), message('2', ''), message('n', '')]));
      client.write(message('C', 'UNLOAD\0'));
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      const text = `S3ServiceException:it did not work,Status 404,Error ${name},Rid 1`;
      client.write(errorMessage('ERROR', 'XX000', text));
    }
    client.write(ready('I'));
  };
  const fromServer = onMessages((letter, whole) => {
    if (letter === 'Z') {
      inTransaction = String.fromCharCode(whole[5] ?? 0) as 'I' | 'T' | 'E';
      mute = false;
    }
    if (unloading !== null) {
      if (letter === 'd') unloading.lines.push(Buffer.from(whole.subarray(5)));
      if (letter === 'E') {
        unloading.failed = true;
        client.write(whole);
      }
      if (letter !== 'Z') return;
      const done = unloading;
      unloading = null;
      if (done.failed) void leavePart(options.s3, done.unload).then(() => client.write(whole));
      else void unloaded(done);
      return;
    }
    if (mute && letter === 'E') return;
    if (letter === 'S' && whole.toString('utf8', 5).startsWith('server_version\0')) {
      return void client.write(message('S', 'server_version\x008.0.2\0'));
    }
    if (letter === 'C') {
      const tag = whole.toString('utf8', 5, whole.length - 1);
      if (tag === 'DECLARE CURSOR') cursorIsOpen = true;
      else if (/^(CLOSE CURSOR|COMMIT|ROLLBACK)/.test(tag)) cursorIsOpen = false;
    }
    const told = letter === 'T' ? withOids(whole, (oid) => options.types.get(oid)?.oid ?? oid) : whole;
    if (!client.write(told)) server.pause();
  });

  client.on('data', fromClient);
  server.on('data', fromServer);
  client.on('drain', () => server.resume());
  const end = (): void => {
    client.destroy();
    server.destroy();
  };
  for (const socket of [client, server]) socket.on('close', end).on('error', end);
}
