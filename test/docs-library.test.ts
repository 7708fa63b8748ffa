import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { blocksOf, pages, root } from './support/pages.ts';

/** What a page has shown before a block that goes on with it. */
const SHOWN_BEFORE = {
  Backhaul: "import { Backhaul } from 'backhaul';",
  backhaul: "declare const backhaul: import('backhaul').Backhaul;",
  run: "declare const run: import('backhaul').RunHandle;",
};

/** Blocks of TypeScript by the name of a file that is not on disk. */
const sources = new Map(
  pages.flatMap((page) =>
    blocksOf(page)
      .filter(({ language }) => language === 'ts')
      .map(({ text }, index): [string, string] => {
        const given = Object.entries(SHOWN_BEFORE).flatMap(([name, declaration]) =>
          new RegExp(`(const |import \\{[^}]*)\\b${name}\\b`).test(text) ? [] : [declaration],
        );
        return [
          join(root, `${page.replaceAll('/', '-')}-${index + 1}.ts`),
          [...given, text, 'export {};'].join('\n'),
        ];
      }),
  ),
);

describe('the TypeScript that pages show', () => {
  it('is right by the types of the package', () => {
    expect(sources.size).toBeGreaterThan(5);
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
      config: unknown;
    };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const disk = ts.createCompilerHost(options);
    const host: ts.CompilerHost = {
      ...disk,
      fileExists: (path) => sources.has(path) || disk.fileExists(path),
      getSourceFile(path, version, ...rest) {
        const text = sources.get(path);
        if (text === undefined) return disk.getSourceFile(path, version, ...rest);
        return ts.createSourceFile(path, text, version, true);
      },
    };
    const program = ts.createProgram([...sources.keys()], options, host);
    const faults = [...sources.keys()].flatMap((path) => {
      const file = program.getSourceFile(path);
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
        ({ messageText }) =>
          `${path.slice(root.length)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      );
    });
    expect(faults).toEqual([]);
  });
});
