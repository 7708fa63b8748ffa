import { createPrivateKey } from 'node:crypto';
import type { ConnectionOptions } from 'snowflake-sdk';
import type { ResolvedSnowflakeConnection } from '../../definitions/snowflake-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { allowedEndpoint } from '../allowed-endpoint.ts';

/** PrivateLink and the regions of China are below these, too. */
const VENDOR_HOSTS = ['*.snowflakecomputing.com', '*.snowflakecomputing.cn'];
/** Temporal tries again; the client's own default would keep a worker waiting for five minutes. */
const LOGIN_RETRIES = 1;

/** The address of the account, without a slash at its end. */
export function accessUrl(
  name: string,
  connection: ResolvedSnowflakeConnection,
  allowed: readonly string[],
): string {
  const field = connection.accessUrl === undefined ? 'account' : 'accessUrl';
  const endpoint = connection.accessUrl ?? accountUrl(connection.account);
  if (!URL.canParse(endpoint)) {
    throw new BackhaulError('source_host_unknown', `connection ${name}, account "${connection.account}"`);
  }
  return allowedEndpoint({ connection: name, field }, endpoint, VENDOR_HOSTS, allowed).origin;
}

/** Names of hosts have no underscore: https://docs.snowflake.com/en/user-guide/admin-account-identifier */
const accountUrl = (account: string): string =>
  `https://${account.replaceAll('_', '-')}.snowflakecomputing.${account.includes('.cn-') ? 'cn' : 'com'}`;

export function connectOptions(
  name: string,
  connection: ResolvedSnowflakeConnection,
  url: string,
): ConnectionOptions {
  return {
    accessUrl: url,
    account: connection.account,
    username: connection.user,
    ...credentials(name, connection),
    ...given('warehouse', connection.warehouse),
    ...given('database', connection.database),
    ...given('schema', connection.schema),
    ...given('role', connection.role),
    application: 'backhaul',
    sfRetryMaxLoginRetries: LOGIN_RETRIES,
    clientStoreTemporaryCredential: false,
    clientRequestMFAToken: false,
    disableConsoleLogin: true,
  };
}

const given = <Name extends string>(name: Name, value: string | undefined) =>
  value === undefined ? {} : ({ [name]: value } as Record<Name, string>);

function credentials(name: string, connection: ResolvedSnowflakeConnection): ConnectionOptions {
  const { accessToken, oauthToken, password, privateKey } = connection;
  if (privateKey !== undefined) {
    return {
      authenticator: 'SNOWFLAKE_JWT',
      privateKey: openKey(name, privateKey, connection.privateKeyPassphrase),
    };
  }
  if (accessToken !== undefined) return { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: accessToken };
  if (oauthToken !== undefined) return { authenticator: 'OAUTH', token: oauthToken };
  return { authenticator: 'SNOWFLAKE', ...given('password', password) };
}

/** The client takes PKCS #8 without a passphrase only. */
function openKey(name: string, pem: string, passphrase: string | undefined): string {
  try {
    const key = createPrivateKey({ key: pem, ...given('passphrase', passphrase) });
    return key.export({ format: 'pem', type: 'pkcs8' }).toString();
  } catch (cause) {
    throw new BackhaulError('source_credentials', `connection ${name}, privateKey`, {
      action: 'Give an RSA key as PEM text, and its privateKeyPassphrase when it has one.',
      cause,
    });
  }
}
