import { expect, test } from '@jest/globals';
import { readEnvironment } from '../../definitions/installation-environment.ts';
import { readTemporalEnvironment } from '../../definitions/temporal-environment.ts';
import { devEnvironment, sayIgnored } from './dev-environment.ts';

const addresses = {
  home: '/somewhere/.backhaul',
  databaseUrl: 'postgresql://backhaul:pw@127.0.0.1:54329/backhaul',
  blobs: 'file:///somewhere/.backhaul/blobs',
  temporalAddress: '127.0.0.1:7233',
  uiUrl: 'http://127.0.0.1:8233',
  encryptionKeys: Buffer.alloc(32, 1).toString('base64'),
};
const elsewhere = {
  TEMPORAL_ADDRESS: 'temporal.example.com:7233',
  TEMPORAL_NAMESPACE: 'production',
  TEMPORAL_API_KEY: 'planted-secret',
  TEMPORAL_TLS: 'true',
  TEMPORAL_PROFILE: 'production',
  BACKHAUL_DATABASE_URL: 'postgres://u:planted-secret@db.example.com/ledger',
  BACKHAUL_BLOBS: 's3://bucket/prefix',
};

test('servers of the environment are replaced by those of dev', () => {
  const env = devEnvironment(elsewhere, addresses);
  expect(readEnvironment(env)).toMatchObject({ databaseUrl: addresses.databaseUrl, blobs: addresses.blobs });
  expect(readTemporalEnvironment(env)).toMatchObject({
    connectionOptions: { address: addresses.temporalAddress },
    namespace: 'default',
  });
  expect(JSON.stringify(env)).not.toMatch(/planted-secret|example\.com|production/);
});

test('what names the installation, and what connections refer to, is handed on', () => {
  const own = {
    BACKHAUL_INSTALLATION: 'staging',
    BACKHAUL_TASK_QUEUE: 'mine',
    WAREHOUSE_URL: 'postgres://w',
  };
  expect(devEnvironment(own, addresses)).toMatchObject(own);
});

test('what is ignored is said by name', () => {
  expect(sayIgnored(elsewhere)).toEqual([
    expect.stringMatching(/: BACKHAUL_BLOBS, BACKHAUL_DATABASE_URL, TEMPORAL_ADDRESS, .*TEMPORAL_TLS\.$/),
    expect.stringMatching(/unset it/),
  ]);
  expect(sayIgnored({ TEMPORAL_ADDRESS: 'a' })).toHaveLength(1);
  expect(sayIgnored({ TEMPORAL_CLI_PATH: '/bin/temporal', TEMPORAL_ADDRESS: '' })).toEqual([]);
});
