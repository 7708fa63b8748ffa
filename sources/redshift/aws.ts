import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { ResolvedRedshiftConnection } from '../../definitions/redshift-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { allowedEndpoint, isHostOf } from '../allowed-endpoint.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** Until an answer begins. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Without a byte, as of a file of S3; also while what was read before is brought to rest. */
const IDLE_TIMEOUT_MS = 120_000;

export interface AwsSettings {
  region?: string;
  endpoint?: string;
  credentials?: AwsCredentialIdentity;
  requestHandler: {
    connectionTimeout: number;
    requestTimeout: number;
    throwOnRequestTimeout: boolean;
    socketTimeout: number;
  };
}

type EndpointField = 'dataApiEndpoint' | 'redshiftEndpoint' | 's3Endpoint';

/** Services of AWS by the field that may name another address of them; a VPC has its own names for each. */
const SERVICES: Readonly<Record<EndpointField, readonly string[]>> = {
  dataApiEndpoint: ['redshift-data', 'redshift-data-fips'],
  redshiftEndpoint: ['redshift', 'redshift-fips', 'redshift-serverless', 'redshift-serverless-fips'],
  s3Endpoint: ['s3', 's3-fips'],
};

/**
 * What a client of AWS is made with. Without keys in the connection it finds those of the worker (environment, profile, role
 * of the machine), and fetches new ones when they run out.
 */
export function awsSettings(
  name: string,
  connection: ResolvedRedshiftConnection,
  field: EndpointField,
  allowed: readonly string[],
): AwsSettings {
  const { accessKeyId, region, secretAccessKey, sessionToken } = connection;
  const named = connection[field];
  const hosts = SERVICES[field].flatMap((service) => [
    `${service}.${region}.amazonaws.com`,
    `${service}.${region}.amazonaws.com.cn`,
    `*.${service}.${region}.vpce.amazonaws.com`,
  ]);
  return {
    ...(region !== undefined && { region }),
    ...(named !== undefined && {
      endpoint: allowedEndpoint({ connection: name, field }, named, hosts, allowed).href,
    }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      }),
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Otherwise the client writes a warning and waits on.
      throwOnRequestTimeout: true,
      socketTimeout: IDLE_TIMEOUT_MS,
    },
  };
}

const CLUSTER_HOSTS = ['redshift', 'redshift-serverless'].flatMap((service) => [
  `*.${service}.amazonaws.com`,
  `*.${service}.amazonaws.com.cn`,
]);

/**
 * A password that AWS gives to the worker's own identity is sent to Amazon's hosts only, and to those that the operator allows:
 * otherwise a definition could have it sent anywhere.
 */
export function requireOwnHost(
  name: string,
  { host, port }: { host: string; port: number },
  allowed: readonly string[],
): void {
  const origin = `https://${host.toLowerCase()}:${port}`;
  if (allowed.includes(origin) || CLUSTER_HOSTS.some((vendor) => isHostOf(host.toLowerCase(), vendor)))
    return;
  throw new BackhaulError('source_endpoint_refused', `connection ${name}, host: ${origin}`);
}
