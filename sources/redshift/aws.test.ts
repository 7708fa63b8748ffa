import { createServer, type AddressInfo, type Socket } from 'node:net';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { checkConnection } from '../../definitions/check-connection.ts';
import { resolveConnection } from '../../definitions/references.ts';
import type { ResolvedRedshiftConnection } from '../../definitions/redshift-connection.ts';
import { awsSettings, requireOwnHost } from './aws.ts';

function connectionOf(fields: object): ResolvedRedshiftConnection {
  const written = { type: 'redshift', host: 'h', database: 'd', user: 'u', password: 'p', ...fields };
  const { definition } = checkConnection('warehouse', written);
  if (definition?.type !== 'redshift') throw new Error('no definition');
  return resolveConnection('warehouse', definition);
}

describe('redshift: AWS', () => {
  it('that takes a request and never answers is not waited for', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const connection = connectionOf({
      s3Endpoint: endpoint,
      accessKeyId: 'a',
      secretAccessKey: 's',
      region: 'eu-west-1',
    });
    const settings = awsSettings('warehouse', connection, 's3Endpoint', [endpoint]);
    expect(settings.requestHandler.socketTimeout).toBeGreaterThan(0);
    const client = new S3Client({
      ...settings,
      requestHandler: { ...settings.requestHandler, requestTimeout: 200 },
      maxAttempts: 1,
    });
    try {
      const asked = client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
      await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
    } finally {
      client.destroy();
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => silent.close(done));
    }
  });

  it.each([
    ['analytics.abc.eu-west-1.redshift.amazonaws.com', 5439],
    ['Analytics.123.eu-west-1.redshift-serverless.amazonaws.com', 5439],
    ['analytics.abc.cn-north-1.redshift.amazonaws.com.cn', 5439],
    ['bastion.example.com', 15_439],
  ])('a password of AWS may go to %s:%i', (host, port) => {
    expect(() =>
      requireOwnHost('warehouse', { host, port }, ['https://bastion.example.com:15439']),
    ).not.toThrow();
  });

  it.each([
    ['elsewhere.example.com', 5439],
    ['bastion.example.com', 5439],
    ['redshift.amazonaws.com.example.com', 5439],
    ['xredshift.amazonaws.com', 5439],
    ['/tmp', 5439],
  ])('and not to %s:%i', (host, port) => {
    expect(() => requireOwnHost('warehouse', { host, port }, ['https://bastion.example.com:15439'])).toThrow(
      expect.objectContaining({ code: 'source_endpoint_refused' }),
    );
  });
});
