import { Client } from '@temporalio/client';
import { registerSearchAttributes } from '../../client/register-search-attributes.ts';
import { readEnvironment } from '../../definitions/installation-environment.ts';
import type { ProcessIdentity } from '../../definitions/process-identity.ts';
import { migrateLedger } from '../../ledger/migrate.ts';
import { isFreePort } from '../free-port.ts';
import { clusterUrl, type PostgresCluster } from '../postgres-cluster.ts';
import { NAMESPACE, withConnection } from '../temporal-server.ts';
import { devEncryptionKeys } from './dev-encryption-keys.ts';
import { devEnvironment, type DevAddresses } from './dev-environment.ts';
import { blobsUrl, logFile, temporalDatabase, type DevFolders } from './dev-folders.ts';
import { choosePorts, type DevPorts, type ServerPorts } from './dev-ports.ts';
import { openDevRecord, type DevRecord } from './dev-record.ts';
import type { PartList } from './part-list.ts';
import { LEDGER_DATABASE, postgresPart } from './postgres-part.ts';
import { temporalPart } from './temporal-part.ts';

export interface StartServersOptions {
  cli: string;
  cluster: PostgresCluster;
  folders: DevFolders;
  supervisor: ProcessIdentity;
  wanted: Partial<DevPorts>;
  env: NodeJS.ProcessEnv;
  report: (line: string) => void;
  parts: PartList;
}

export interface StartedServers {
  addresses: DevAddresses;
  ports: ServerPorts;
  record: DevRecord;
}

/** A port can be taken between the look at it and its use. */
const MAX_ATTEMPTS = 3;

/** Starts PostgreSQL and Temporal side by side, each brought to this version of Backhaul. */
export const startServers = async (options: StartServersOptions): Promise<StartedServers> => {
  for (let attempt = 1; ; attempt++) {
    const ports = await choosePorts(options.wanted, options.report);
    try {
      return await startOn(ports, options);
    } catch (error) {
      await options.parts.stop();
      const free = await Promise.all([ports.temporal, ports.ui, ports.postgres].map(isFreePort));
      if (attempt === MAX_ATTEMPTS || free.every(Boolean)) throw error;
    }
  }
};

const startOn = async (ports: ServerPorts, options: StartServersOptions): Promise<StartedServers> => {
  const { cli, cluster, env, folders, parts, supervisor } = options;
  const addresses: DevAddresses = {
    home: folders.home,
    databaseUrl: clusterUrl(cluster, ports.postgres, LEDGER_DATABASE),
    temporalAddress: `127.0.0.1:${ports.temporal}`,
    uiUrl: `http://127.0.0.1:${ports.ui}`,
    blobs: blobsUrl(folders),
    encryptionKeys: await devEncryptionKeys(env, folders),
  };
  const { databaseUrl, temporalAddress } = addresses;
  const record = await openDevRecord(folders.home, {
    version: 1,
    state: 'starting',
    supervisor,
    children: {},
    postgresData: cluster.data,
    // The HTTP API comes later; where none is started, the next one listens where the last did.
    ports: { ...ports, api: options.wanted.api },
    databaseUrl,
    temporalAddress,
    uiUrl: addresses.uiUrl,
    blobs: addresses.blobs,
    encryptionKeys: addresses.encryptionKeys,
  });
  const { databaseSchema } = readEnvironment(devEnvironment(env, addresses));
  const results = await Promise.allSettled([
    (async () => {
      await parts.begin(postgresPart(cluster, ports.postgres, logFile(folders, 'postgres')), record);
      await migrateLedger({ databaseUrl, schema: databaseSchema });
    })(),
    (async () => {
      const log = logFile(folders, 'temporal');
      const databaseFile = temporalDatabase(folders);
      await parts.begin(temporalPart({ cli, ports, databaseFile, home: folders.home, log }), record);
      await withConnection(temporalAddress, (connection) =>
        registerSearchAttributes(new Client({ connection, namespace: NAMESPACE })),
      );
    })(),
  ]);
  // Both have settled, so that none goes on by itself.
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return { addresses, ports, record };
};
