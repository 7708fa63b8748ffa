import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';

const rooms = [
  'vocabulary',
  'definitions',
  'telemetry',
  'sources',
  'segment',
  'mapping',
  'snapshot',
  'ledger',
  'blobs',
  'writeback',
  'alerts',
  'activities',
  'workflows',
  'workers',
  'client',
  'dev',
  'bin',
  'bench',
];

/** Which rooms a room may import, itself included. docs/architecture.md draws the same picture. */
const mayImport = {
  vocabulary: [],
  definitions: ['vocabulary'],
  telemetry: ['definitions', 'vocabulary'],
  sources: ['definitions', 'vocabulary'],
  segment: ['definitions', 'vocabulary'],
  mapping: ['definitions', 'vocabulary'],
  snapshot: ['definitions', 'vocabulary'],
  ledger: ['definitions', 'vocabulary'],
  blobs: ['definitions', 'vocabulary'],
  // What it writes with stands in the rooms of DuckDB and of PostgreSQL.
  writeback: ['definitions', 'snapshot', 'sources', 'vocabulary'],
  alerts: ['definitions', 'vocabulary'],
  activities: [
    'alerts',
    'definitions',
    'sources',
    'segment',
    'mapping',
    'snapshot',
    'ledger',
    'blobs',
    'telemetry',
    'writeback',
    'vocabulary',
  ],
  workflows: ['activities', 'vocabulary'],
  workers: [
    'workflows',
    'activities',
    'definitions',
    'snapshot',
    'ledger',
    'blobs',
    'telemetry',
    'vocabulary',
  ],
  client: ['definitions', 'ledger', 'blobs', 'workflows', 'telemetry', 'vocabulary'],
  dev: ['client', 'definitions', 'ledger', 'blobs', 'workers', 'vocabulary', 'segment'],
  bin: ['client', 'dev', 'workers', 'definitions', 'ledger', 'segment', 'telemetry', 'vocabulary'],
  bench: [
    'client',
    'dev',
    'definitions',
    'ledger',
    'blobs',
    'workers',
    'vocabulary',
    'segment',
    'sources',
    'snapshot',
    'mapping',
  ],
};

const zones = rooms.flatMap((room) =>
  rooms
    .filter((other) => other !== room && !mayImport[room].includes(other))
    .map((other) => ({
      target: `./${room}`,
      from: `./${other}`,
      message: `${room}/ does not import ${other}/ (docs/architecture.md).`,
    })),
);

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.backhaul', 'coverage', 'test/replay/histories'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.json' })],
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      // `== null` is for what a foreign API may leave out or set to null.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // Methods of our interfaces are closures: none of them hangs on `this`.
      '@typescript-eslint/unbound-method': 'off',
      'no-console': 'error',
    },
  },
  {
    files: ['workflows/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['node:*', 'zod', 'pg', 'undici'], message: 'Workflow code does no I/O.' },
            {
              group: [
                '@temporalio/worker',
                '@temporalio/client',
                '@temporalio/activity',
                '@temporalio/testing',
              ],
              message: 'Workflow code imports @temporalio/workflow and common only.',
            },
            { group: ['../activities/*'], allowTypeImports: true, message: 'Only types of activities.' },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'fetch', 'performance', 'setInterval'],
      'no-restricted-properties': [
        'error',
        { property: 'toLocaleString', message: "Depends on the worker's ICU and time zone." },
      ],
    },
  },
  {
    files: ['test/**/*.ts', '**/*.test.ts'],
    rules: { 'import-x/no-restricted-paths': 'off' },
  },
  {
    files: ['**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
  },
);
