import pg from 'pg';
import { expect, it } from '@jest/globals';
import { postgresError } from './errors.ts';

const said = (code: string) => Object.assign(new pg.DatabaseError('secret', 6, 'error'), { code });

it.each([
  ['a SQLSTATE', said('42P01'), 'source_table_missing', 'connection w, 42P01'],
  [
    'a code of Node.js',
    Object.assign(new Error('x'), { code: 'EAI_AGAIN' }),
    'source_unreachable',
    'connection w, EAI_AGAIN',
  ],
  [
    'a code of TLS',
    Object.assign(new Error('x'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
    'source_tls',
    'connection w, ERR_TLS_CERT_ALTNAME_INVALID',
  ],
])('%s is passed on', (_, error, code, where) => {
  expect(postgresError('w', error)).toMatchObject({ code, where });
});

it.each(['ada@example.com', 'SECRET_VALUE', '42p01', ''])(
  'a server cannot say %j in place of a SQLSTATE',
  (code) => {
    expect(postgresError('w', said(code))).toMatchObject({ where: 'connection w' });
  },
);
