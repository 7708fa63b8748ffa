import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { DEFAULT_SHUTDOWN_GRACE } from '../../definitions/worker-environment.ts';
import { durationMs } from '../../definitions/duration.ts';
import { product } from '../../vocabulary/product.ts';
import { forceAfter } from '../../workers/shutdown.ts';
import { ROOT } from './compose-file.ts';

const FOLDER = `${ROOT}deploy/kubernetes/`;
/** Where Kubernetes defines what the files have. A resource of another kind is of somebody else. */
const definitions: Readonly<Record<string, string>> = {
  Deployment: 'io.k8s.api.apps.v1.Deployment',
  Job: 'io.k8s.api.batch.v1.Job',
  Service: 'io.k8s.api.core.v1.Service',
  ConfigMap: 'io.k8s.api.core.v1.ConfigMap',
  PersistentVolumeClaim: 'io.k8s.api.core.v1.PersistentVolumeClaim',
};

interface Container {
  image: string;
  args: string[];
  securityContext: object;
}
interface Resource {
  kind: string;
  metadata: { name: string };
  spec?: {
    template?: {
      spec: {
        automountServiceAccountToken?: boolean;
        containers: Container[];
        securityContext: object;
        volumes?: object[];
        terminationGracePeriodSeconds?: number;
      };
    };
  };
}

const resources = readdirSync(FOLDER).flatMap((file) =>
  parseAllDocuments(readFileSync(`${FOLDER}${file}`, 'utf8')).map((document) => document.toJS() as Resource),
);
const pods = resources.flatMap(({ spec }) => (spec?.template === undefined ? [] : [spec.template.spec]));

const schemas = new Ajv2020({ strict: false, validateFormats: false });
schemas.addSchema(
  JSON.parse(readFileSync(`${ROOT}test/schemas/kubernetes-1.37.json`, 'utf8')) as object,
  'kubernetes',
);

describe('deploy/kubernetes', () => {
  it('is what the schemas of Kubernetes demand, with no field that they do not know', () => {
    const known = resources.filter(({ kind }) => kind in definitions);
    expect(known.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([
      'ConfigMap backhaul',
      'Deployment backhaul-serve',
      'Deployment backhaul-worker',
      'Job backhaul-migrate',
      'PersistentVolumeClaim backhaul-blobs',
      'Service backhaul',
    ]);
    const faults = known.flatMap((resource) => {
      const validate = schemas.compile({ $ref: `kubernetes#/$defs/${definitions[resource.kind]}` });
      const isValid: boolean = validate(resource);
      return isValid ? [] : [{ resource: resource.metadata.name, errors: validate.errors }];
    });
    expect(faults).toEqual([]);
  });

  it('would not pass with a field that is misspelt', () => {
    const job = structuredClone(resources.find(({ kind }) => kind === 'Job')) as Resource & { spec: object };
    Object.assign(job.spec, { backofLimit: 4 });
    expect(schemas.validate({ $ref: `kubernetes#/$defs/${definitions.Job}` }, job)).toBe(false);
  });

  it('runs this version, without root and without rights', () => {
    expect(pods).toHaveLength(3);
    for (const { automountServiceAccountToken, containers, securityContext } of pods) {
      expect(automountServiceAccountToken).toBe(false);
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        // The image names its user, and Kubernetes cannot tell of a name that it is not root.
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const { args, image, securityContext: own } of containers) {
        expect(image).toBe(`backhaul:${product.version}`);
        expect(['worker', 'serve', 'migrate']).toContain(args[0]);
        expect(own).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  it('mounts nothing of the node that it runs on', () => {
    const named = pods.flatMap((pod) => [pod, ...(pod.volumes ?? [])]).flatMap((one) => Object.keys(one));
    expect(named.filter((field) => field.startsWith('host'))).toEqual([]);
  });

  it('waits for a worker longer than it takes to leave', () => {
    const worker = pods.find(({ containers }) => containers[0]?.args[0] === 'worker');
    const waitsMs = (worker?.terminationGracePeriodSeconds ?? 0) * 1000;
    expect(waitsMs).toBeGreaterThan(forceAfter(durationMs(DEFAULT_SHUTDOWN_GRACE)));
  });
});
