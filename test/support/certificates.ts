import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate with its key, as files and as PEM. */
export interface Certificate {
  certPath: string;
  keyPath: string;
  cert: string;
  key: string;
}

export interface Authority extends Certificate {
  /** Signs a certificate for `localhost`; a negative number of days is one that has expired. */
  issue(name: string, days?: number): Promise<Certificate>;
}

/** An authority of its own, in a folder; needs `openssl`. */
export async function openAuthority(folder: string, name: string): Promise<Authority> {
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: folder });
  const read = async (one: string): Promise<Certificate> => {
    const [certPath, keyPath] = [join(folder, `${one}.pem`), join(folder, `${one}.key`)];
    return {
      certPath,
      keyPath,
      cert: await readFile(certPath, 'utf8'),
      key: await readFile(keyPath, 'utf8'),
    };
  };
  await openssl(
    'req',
    '-x509',
    ...KEY,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
    '-subj',
    `/CN=${name}`,
  );
  return {
    ...(await read(name)),
    async issue(one, days = 2) {
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
      await openssl('req', ...KEY, '-keyout', `${one}.key`, '-out', `${one}.csr`, ...subject);
      const signed = [
        '-CA',
        `${name}.pem`,
        '-CAkey',
        `${name}.key`,
        '-CAcreateserial',
        '-copy_extensions',
        'copy',
      ];
      await openssl(
        'x509',
        '-req',
        '-in',
        `${one}.csr`,
        ...signed,
        '-days',
        String(days),
        '-out',
        `${one}.pem`,
      );
      return read(one);
    },
  };
}
