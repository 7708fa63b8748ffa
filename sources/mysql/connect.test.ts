import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { nobodyStops } from '../../test/support/read-pieces.ts';
import { openMysql } from './open-mysql.ts';

const PASSWORD = 'password-in-clear';
const SCRAMBLE = Buffer.from('12345678abcdefghijkl\0');
/** PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH and CONNECT_WITH_DB; no SSL. */
const CAPABILITIES = 0x0008_8208;

const packet = (sequence: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.of(body.length & 0xff, body.length >> 8, 0, sequence), body]);

function handshake(plugin: string): Buffer {
  const numbers = Buffer.alloc(31);
  numbers.writeUInt32LE(1, 0);
  SCRAMBLE.copy(numbers, 4, 0, 8);
  numbers.writeUInt16LE(CAPABILITIES & 0xffff, 13);
  numbers.writeUInt8(45, 15);
  numbers.writeUInt16LE(CAPABILITIES >> 16, 18);
  numbers.writeUInt8(SCRAMBLE.length, 20);
  return Buffer.concat([
    Buffer.of(10),
    Buffer.from('8.0.0\0'),
    numbers,
    SCRAMBLE.subarray(8),
    Buffer.from(`${plugin}\0`),
  ]);
}

it.each(['mysql_native_password', 'mysql_clear_password', 'sha256_password'])(
  'a server that begins with %s and asks for the password in clear does not get it',
  async (first) => {
    let heard = '';
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(packet(0, handshake(first)));
      socket.once('data', () =>
        socket.write(packet(2, Buffer.from('\xfemysql_clear_password\0\0', 'latin1'))),
      );
      socket.on('data', (data) => (heard += data.toString('latin1')));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connection = resolveConnection('warehouse', {
      type: 'mysql',
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      user: 'reader',
      password: PASSWORD,
      sslmode: 'disabled',
      statementTimeout: '1h',
    });
    const source = openMysql('warehouse', connection, nobodyStops());
    await expect(source.validate(null)).rejects.toMatchObject({ code: 'source_credentials' });
    expect(heard).toContain('reader');
    expect(heard).not.toContain(PASSWORD);
    await source.close();
    server.close();
  },
);
