import { describe, expect, it } from '@jest/globals';
import { hostOfCloudId } from './cloud-id.ts';
import { hostsOf, isAddress, isInside } from './hosts.ts';
import { operatorHosts } from './operator-hosts.ts';

describe('the hosts of a connection', () => {
  it.each<[string, object, string[]]>([
    ['of an address', { url: 'postgres://a@db.example.com:5432/x' }, ['db.example.com']],
    ['in IPv6', { url: 'postgres://[::1]/x' }, ['::1']],
    ['with a dot at its end', { trackingUrl: 'https://example.com./' }, ['example.com']],
    [
      'that PostgreSQL takes before the one of the address',
      { url: 'postgres://db.example.com/x?host=10.0.0.1' },
      ['db.example.com', '10.0.0.1'],
    ],
    ['in a parameter alone', { url: 'postgres:///x?host=10.0.0.1' }, ['10.0.0.1']],
    [
      'that is the path of a socket',
      { url: 'postgres:///x?host=/var/run/postgresql' },
      ['/var/run/postgresql'],
    ],
    ['of a field', { host: 'db.example.com:5432', user: 'host' }, ['db.example.com']],
    [
      'of a cloud id',
      { cloudId: `name:${Buffer.from('eu.example.com:443$one$two').toString('base64')}` },
      ['one.eu.example.com'],
    ],
    [
      'of a cloud id with more than one colon, where its client finds it',
      {
        cloudId: `x:${Buffer.from('a.example.com$one').toString('base64')}:${Buffer.from('b.example.com$two').toString('base64')}`,
      },
      ['two.b.example.com'],
    ],
    ['but none that a reference names', { host: '${HOST}', url: 'https://${HOST}/' }, []],
  ])('%s', (_, connection, hosts) => {
    expect(hostsOf(connection).map(([, host]) => host)).toEqual(hosts);
  });
});

describe('a cloud id', () => {
  it.each(['20.0.5$10', '1.1.1:8443$127', '254.169.254:80$169', '0.0.1$0x7f', '1$127', '1.$127'])(
    'names no address: %s',
    (inside) => {
      expect(hostOfCloudId(`x:${Buffer.from(inside).toString('base64')}`)).toBeNull();
    },
  );
});

describe('a host is the choice of the operator', () => {
  const of = (text: string, resolved: string): string[] => operatorHosts({ url: text }, { url: resolved });

  it('when all of the address, or all of the host, comes from a variable or a file', () => {
    expect(of('${WAREHOUSE_URL}', 'postgres://10.0.0.1/x?host=10.0.0.2')).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(of('${file:/run/secrets/url}', 'postgres://10.0.0.1/x')).toEqual(['10.0.0.1']);
    expect(of('http://${HOST}:9200/', 'http://10.0.0.1:9200/')).toEqual(['10.0.0.1']);
    expect(operatorHosts({ host: '${HOST}' }, { host: 'db.internal' })).toEqual(['db.internal']);
  });

  it.each([
    ['postgres://${USER}:${PASSWORD}@10.0.0.1/x', 'postgres://a:b@10.0.0.1/x'],
    ['http://10.0.0.1${EMPTY}/', 'http://10.0.0.1/'],
    ['http://10.0.${EMPTY}0.1/', 'http://10.0.0.1/'],
    ['http://${HOST}.example.com/', 'http://a.example.com/'],
    ['${SCHEME}10.0.0.1/', 'http://10.0.0.1/'],
    ['postgres://${HOST}/x?host=10.0.0.1', 'postgres://db/x?host=10.0.0.1'],
    ['${secret:url}', 'postgres://10.0.0.1/x'],
    ['http://10.0.0.1/${PATH}', 'http://10.0.0.1/p'],
    ['http://10.0.0.1/?a=http://${HOST}/', 'http://10.0.0.1/?a=http://x/'],
    ['http://10.0.0.1#@${HOST}/', 'http://10.0.0.1#@x/'],
    ['http://10.0.0.1\\@${HOST}/', 'http://10.0.0.1\\@x/'],
  ])('and not in %s', (text, resolved) => {
    expect(of(text, resolved)).toEqual([]);
  });
});

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '192.168.0.1',
    '172.16.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '100.64.0.1',
    '168.63.129.16',
  ])('%s is inside', (address) => expect(isInside(address)).toBe(true));
  it.each(['::1', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', '::'])(
    '%s is inside',
    (address) => expect(isInside(address)).toBe(true),
  );
  it.each(['8.8.8.8', '2001:4860:4860::8888'])('%s is public', (address) =>
    expect(isInside(address)).toBe(false),
  );
  it('inside is allowed by its network, of the same family', () => {
    expect(isInside('10.1.2.3', ['10.0.0.0/8'])).toBe(false);
    expect(isInside('::ffff:10.1.2.3', ['10.0.0.0/8'])).toBe(false);
    expect(isInside('10.1.2.3', ['::/0', 'nonsense'])).toBe(true);
  });
  it('is told from a name in every form', () => {
    expect(['127.1', '0x7f000001', '2130706433', '0177.0.0.1'].map(isAddress)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(isAddress('example.com')).toBe(false);
  });
});
