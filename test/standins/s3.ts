import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { freePort } from '../../dev/free-port.ts';
import { pythonPackages } from './python.ts';
import { startServer } from './server.ts';

export interface S3 {
  origin: string;
  client: S3Client;
  /** The keys of all objects. */
  keys(): Promise<string[]>;
  put(key: string): Promise<void>;
  /** Removes all objects. */
  empty(): Promise<void>;
  /** Breaks what is being transferred. */
  breakConnections(): void;
  close(): Promise<void>;
}

/** moto, which holds objects in memory, behind a relay that can break. */
export async function startS3(bucket: string): Promise<S3> {
  const programs = await pythonPackages('moto-s3', ['3.11', '3.12', '3.13'], ['moto[s3,server]==5.2.5']);
  const port = await freePort();
  const server = await startServer({
    name: 'moto',
    program: () => ({
      command: join(programs, 'moto_server'),
      args: ['-H', '127.0.0.1', '-p', String(port)],
    }),
    ready: async () => (await fetch(`http://127.0.0.1:${port}/moto-api/`)).ok,
  });
  const relay = await startRelay(port);
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'standin', secretAccessKey: 'standin' },
  });
  await client.send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  const keys = async (): Promise<string[]> => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    return Contents.map(({ Key = '' }) => Key);
  };
  return {
    origin: `http://127.0.0.1:${relay.port}`,
    client,
    keys,
    put: async (Key) => void (await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }))),
    empty: async () => {
      for (const Key of await keys()) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    },
    breakConnections: relay.breakConnections,
    close: async () => {
      client.destroy();
      await relay.close();
      await server.stop();
    },
  };
}

async function startRelay(to: number) {
  const sockets = new Set<Socket>();
  const relay = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: to });
    near.pipe(far);
    far.pipe(near);
    for (const socket of [near, far]) {
      sockets.add(socket);
      const end = (): void => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      };
      socket.on('error', end).on('close', end);
    }
  });
  await new Promise<void>((done) => relay.listen(0, '127.0.0.1', done));
  const breakConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (relay.address() as AddressInfo).port,
    breakConnections,
    close: async () => {
      breakConnections();
      await new Promise((done) => relay.close(done));
    },
  };
}
