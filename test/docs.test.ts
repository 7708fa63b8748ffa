import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { alertSchema } from '../definitions/alert.ts';
import { connectionSchemas, isConnectionType, isWarehouseType } from '../definitions/connection.ts';
import { loadDefinitionFiles } from '../definitions/load.ts';
import { writtenMappingEntrySchema } from '../definitions/mapping-entry.ts';
import { writtenModelSchema } from '../definitions/model.ts';
import { parseDefinitions } from '../definitions/parse.ts';
import { limitsSchema, normalizations, writtenSyncSchema } from '../definitions/sync.ts';
import { errorTable, isErrorCode } from '../vocabulary/errors.ts';
import { invalidReasons } from '../vocabulary/invalid.ts';
import { runStatuses } from '../vocabulary/run.ts';
import { writebackColumns } from '../vocabulary/writeback.ts';
import {
  anchorOf,
  blocksOf,
  filesIn,
  headingsOf,
  pages,
  proseOf,
  readPage,
  root,
  spansOf,
} from './support/pages.ts';

describe('a page', () => {
  it.each(pages)('links only to what is there: %s', (page) => {
    const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const broken = targets
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : relative(root, resolve(root, dirname(page), path));
        if (!existsSync(join(root, file))) return true;
        return anchor !== undefined && !headingsOf(file).map(anchorOf).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it.each(pages)('names only errors that there are: %s', (page) => {
    const unknown = spansOf(page).filter(
      (span) => looksLikeError(span) && !isErrorCode(span) && !otherNames.includes(span),
    );
    expect(unknown).toEqual([]);
  });
});

const familyOf = (name: string): string => name.slice(0, name.indexOf('_'));
const families = new Set(Object.keys(errorTable).map(familyOf));
const looksLikeError = (span: string): boolean =>
  /^[a-z]+(_[a-z]+)+$/.test(span) && families.has(familyOf(span));
/** Names that begin as errors do and are none. */
const otherNames: readonly string[] = [
  ...Object.keys(invalidReasons),
  ...normalizations,
  ...runStatuses,
  ...[...writebackColumns.runs, ...writebackColumns.rows].map(({ name }) => name),
  ...[
    'api_urls',
    'empty_file',
    'first_name',
    'not_in_model',
    'not_kept',
    'run_date',
    'run_id',
    'source_database',
    'temporal_visibility',
  ],
];

describe('docs/configuration.md', () => {
  it('has every variable', () => {
    const source =
      readPage('definitions/installation-environment.ts') + readPage('definitions/worker-environment.ts');
    const names = [...source.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name);
    expect(names).toContain('BACKHAUL_DATABASE_URL');
    expect(spansOf('docs/configuration.md')).toEqual(expect.arrayContaining(names));
  });
});

describe('docs/definitions.md', () => {
  it('has every field', () => {
    const schemas = [
      connectionSchemas.segment.written,
      writtenModelSchema,
      writtenSyncSchema,
      writtenMappingEntrySchema,
      limitsSchema,
    ];
    const text = readPage('docs/definitions.md');
    const missing = schemas
      .flatMap(({ shape }) => Object.keys(shape))
      .filter((field) => !new RegExp(`\`${field}\`|[ {]${field}: `).test(text));
    expect(missing).toEqual([]);
  });
});

describe('docs/alerts.md', () => {
  it('has every field and every condition', () => {
    const schemas = [
      alertSchema.shape,
      alertSchema.shape.when.shape,
      connectionSchemas.webhook.written.shape,
      connectionSchemas.slack.written.shape,
    ];
    const fields = schemas.flatMap((shape) => Object.keys(shape)).filter((field) => field !== 'type');
    expect(spansOf('docs/alerts.md')).toEqual(expect.arrayContaining(fields));
  });
});

describe('docs/sources/', () => {
  const types = Object.entries(connectionSchemas).filter(
    ([type]) => isConnectionType(type) && isWarehouseType(type),
  );
  it.each(types)('has every field of a %s connection', (type, { written }) => {
    const spans = spansOf(`docs/sources/${type.replace('_', '-')}.md`);
    expect(Object.keys(written.shape).filter((field) => field !== 'type' && !spans.includes(field))).toEqual(
      [],
    );
  });
});

describe('definitions that are shown', () => {
  const inFolder = /^# backhaul\/\S+\.yaml$/m;
  const shown = pages.flatMap((page) => {
    const texts = blocksOf(page)
      .filter(({ language, text }) => language === 'yaml' && /^version: 1$/m.test(text))
      .map(({ text }) => text);
    // Files of one folder are read together.
    const together = texts.filter((text) => inFolder.test(text));
    const alone = texts.filter((text) => !inFolder.test(text)).map((text) => [text]);
    return [...(together.length > 0 ? [together] : []), ...alone].map((files, index) => ({
      name: `${page}, ${index + 1}`,
      files: files.map((text, part) => ({ path: `${page}, ${part + 1}`, text })),
    }));
  });

  it.each(shown)('have no fault: $name', ({ files }) => {
    expect(parseDefinitions(files, () => 'select 1').faults).toEqual([]);
  });

  it('have no fault: examples/', async () => {
    const files = filesIn('examples', /\.ya?ml$/);
    const faults = await Promise.all(
      files.map(async (file) => parseDefinitions(await loadDefinitionFiles([file], root)).faults),
    );
    expect(files).not.toEqual([]);
    expect(faults.flat()).toEqual([]);
  });
});
