import { isIP } from 'node:net';

/**
 * The host, with its port, that a cloud id stands for; null: it is no cloud id. It is `name:base64(domain[:port]$id[$kibana])`:
 * https://www.elastic.co/docs/deploy-manage/deploy/elastic-cloud/find-cloud-id
 *
 * What looks whether a connection may lead there and what connects both ask here. The host is a name, never an address.
 */
export function hostOfCloudId(text: string): string | null {
  const decoded = Buffer.from(text.slice(text.lastIndexOf(':') + 1), 'base64').toString('utf8');
  const [domain = '', id = ''] = decoded.split('$');
  if (!/^[a-z0-9.-]+(:\d+)?$/i.test(domain) || !/^[a-z0-9-]+$/i.test(id)) return null;
  const host = `${id}.${domain}`;
  return URL.canParse(`https://${host}`) && isIP(new URL(`https://${host}`).hostname) === 0 ? host : null;
}
