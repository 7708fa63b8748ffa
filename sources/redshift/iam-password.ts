import { GetClusterCredentialsCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { GetCredentialsCommand, RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import type { ResolvedRedshiftConnection } from '../../definitions/redshift-connection.ts';
import { awsError } from './aws-errors.ts';
import type { AwsSettings } from './aws.ts';

export interface DatabaseLogin {
  user: string | undefined;
  password: string | undefined;
}

/** The least that AWS gives. It is for logging in only: a session outlives it. */
const LIFE_SECONDS = 900;
const REUSE_MS = (LIFE_SECONDS - 300) * 1000;

/** Passwords of some minutes, fetched when there is none that is good for some more. */
export function iamLogins(
  name: string,
  connection: ResolvedRedshiftConnection,
  settings: () => AwsSettings,
): () => Promise<DatabaseLogin> {
  const service =
    connection.workgroup === undefined
      ? 'redshift:GetClusterCredentials'
      : 'redshift-serverless:GetCredentials';
  const call = { connection: name, action: service, fixedKeys: connection.accessKeyId !== undefined };
  let kept: { login: Promise<DatabaseLogin>; until: number } | null = null;
  return async () => {
    if (kept !== null && Date.now() < kept.until) return kept.login;
    const login = fetchLogin(connection, settings()).catch((error: unknown) => {
      throw awsError(call, error);
    });
    const fetched = { login, until: Date.now() + REUSE_MS };
    kept = fetched;
    login.catch(() => {
      if (kept === fetched) kept = null;
    });
    return login;
  };
}

async function fetchLogin(
  connection: ResolvedRedshiftConnection,
  settings: AwsSettings,
): Promise<DatabaseLogin> {
  const { clusterIdentifier, workgroup } = connection;
  const url = connection.url === undefined ? undefined : new URL(connection.url);
  const database = connection.database ?? (url && decodeURIComponent(url.pathname.slice(1)));
  const user = connection.user ?? (url && decodeURIComponent(url.username));
  if (workgroup !== undefined) {
    const client = new RedshiftServerlessClient(settings);
    try {
      const { dbPassword, dbUser } = await client.send(
        new GetCredentialsCommand({
          workgroupName: workgroup,
          dbName: database,
          durationSeconds: LIFE_SECONDS,
        }),
      );
      return { user: dbUser, password: dbPassword };
    } finally {
      client.destroy();
    }
  }
  const client = new RedshiftClient(settings);
  try {
    const { DbPassword, DbUser } = await client.send(
      new GetClusterCredentialsCommand({
        ClusterIdentifier: clusterIdentifier,
        DbUser: user,
        DbName: database,
        DurationSeconds: LIFE_SECONDS,
        AutoCreate: false,
      }),
    );
    return { user: DbUser, password: DbPassword };
  } finally {
    client.destroy();
  }
}
