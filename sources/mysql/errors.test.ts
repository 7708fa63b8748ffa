import { describe, expect, it } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { failureOf } from '../../test/support/failure-of.ts';
import { addressOf } from './address.ts';
import { mysqlError } from './errors.ts';
import { writeOf } from './write-warnings.ts';

const raised = (errno: number, message: string) => {
  const { code, where } = mysqlError('w', Object.assign(new Error(message), { errno, sqlState: 'HY000' }), {
    account: "o'neil@10.%",
  });
  return { code, where };
};

describe('mysql: errors, in the words of MySQL 8', () => {
  it.each([
    [
      1142,
      "SELECT command denied to user 'o'neil'@'10.0.0.1' for table 'hidden'",
      "run: grant select on `hidden` to 'o''neil'@'10.%'",
    ],
    [
      1143,
      "SELECT command denied to user 'a'@'b' for column 'email' in table 'users'",
      "run: grant select (`email`) on `users` to 'o''neil'@'10.%'",
    ],
    [
      1370,
      "execute command denied to user 'a'@'b' for routine 'app.f'",
      "run: grant execute on function `app`.`f` to 'o''neil'@'10.%'",
    ],
    [1044, "Access denied for user 'a'@'b' to database 'app'", 'run: grant select on `app`.* to'],
  ])('%d names the grant', (errno, message, grant) => {
    expect(raised(errno, message)).toMatchObject({
      code: 'source_permission',
      where: expect.stringContaining(grant),
    });
  });

  it.each([
    [3024, 'source_timeout'],
    [1205, 'source_busy'],
    [1412, 'source_changed'],
    [3118, 'source_credentials'],
    [1792, 'not_a_select'],
    [1053, 'source_interrupted'],
    [1690, 'source_query_failed'],
  ])('%d is %s, and its text is not shown', (errno, code) => {
    const error = raised(errno, "value is out of range in 'secret'");
    expect(error).toEqual({ code, where: `connection w, error ${errno}, SQLSTATE HY000` });
  });

  it.each([
    ['ENOTFOUND', 'source_host_unknown'],
    ['HANDSHAKE_NO_SSL_SUPPORT', 'source_tls'],
    ['PROTOCOL_CONNECTION_LOST', 'source_interrupted'],
    ['PROTOCOL_PACKETS_OUT_OF_ORDER', 'source_unreachable'],
  ])('%s is %s', (code, expected) => {
    expect(mysqlError('w', Object.assign(new Error('x'), { code })).code).toBe(expected);
  });
});

describe('mysql: a server that means harm', () => {
  it.each([
    [1146, "Table 'ada@example.com, paid 12' doesn't exist"],
    [1054, `Unknown column '${'a'.repeat(300)}' in 'field list'`],
    [1142, "SELECT command denied to user 'a'@'b' for table 'ada@example.com'"],
    [1044, "Access denied for user 'a'@'b' to database 'x\ny'"],
  ])('cannot have %d say what is no name', (errno, message) => {
    expect(raised(errno, message).where).toBe(`connection w, error ${errno}, SQLSTATE HY000`);
  });

  it('cannot say anything by a SQLSTATE', () => {
    const error = Object.assign(new Error('x'), { errno: 1105, sqlState: 'a@b.c' });
    expect(mysqlError('w', error).where).toBe('connection w, error 1105');
  });

  it('may repeat a word of the model', () => {
    const sql = 'select `first name` from people';
    const error = Object.assign(new Error("Unknown column 'first name' in 'field list'"), { errno: 1054 });
    const wrapped = { model: 'm', sql, statement: sql, before: 0 };
    expect(mysqlError('w', error, { wrapped }).where).toContain('"first name"');
  });
});

describe('mysql: a line of SHOW GRANTS', () => {
  it.each([
    ['GRANT USAGE ON *.* TO `a`@`%`', null],
    ['GRANT SELECT, SHOW VIEW ON `app`.* TO `a`@`%`', null],
    ['GRANT SELECT (`id`, `email`) ON `app`.`users` TO `a`@`%`', null],
    ['GRANT `reader`@`%` TO `a`@`%`', null],
    ['GRANT SELECT, INSERT (`id`) ON `app`.`users` TO `a`@`%`', 'INSERT on app.users'],
    ['GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION', 'ALL PRIVILEGES on *.*'],
    ['GRANT SELECT, FILE ON *.* TO `a`@`%`', 'FILE on *.*'],
  ])('%s could write: %s', (grant, could) => {
    expect(writeOf(grant)).toBe(could);
  });
});

describe('mysql: a URL', () => {
  const at = (url: string, fields: Record<string, string> = {}) =>
    addressOf('w', resolveConnection('w', { type: 'mysql', url, statementTimeout: '1h', ...fields }));

  it('is read with what is percent-encoded in it', () => {
    expect(at('mariadb://us%40er:p%2Fw@[::1]:3307/my%20db?ssl-mode=VERIFY_CA&ssl-ca=/ca.pem')).toEqual({
      host: '::1',
      port: 3307,
      database: 'my db',
      user: 'us@er',
      password: 'p/w',
      sslmode: 'verify_ca',
      sslrootcert: '/ca.pem',
    });
  });

  it('gives way to the fields, and has defaults', () => {
    expect(at('mysql://a@b/c?sslmode=disabled', { sslmode: 'required' }).sslmode).toBe('required');
    expect(at('mysql://a@b/c')).toMatchObject({ port: 3306, sslmode: 'preferred', password: undefined });
    expect(at('mysql://a@b/c', { sslrootcert: '/ca.pem' }).sslmode).toBe('verify_ca');
  });

  it.each(['mysql://a@b/c?multipleStatements=true', 'mysql://a@b/c?sslmode=maybe', 'mysql://a:%zz@b/c'])(
    'is refused: %s',
    (url) => {
      expect(failureOf(() => at(url))?.code).toBe('definitions_invalid');
    },
  );
});
