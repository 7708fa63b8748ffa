import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const NOT_OURS = /(^|\/)(node_modules|dist|coverage|\.[^/]+)(\/|$)/;

export const readPage = (page: string): string => readFileSync(join(root, page), 'utf8');

export const filesIn = (folder: string, ending: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path) && !NOT_OURS.test(path))
    .map((path) => join(folder, path))
    .sort();

/** Every Markdown page of the project, relative to its root. */
export const pages: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'examples', 'test', 'bench']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => filesIn(folder, /\.md$/)),
];

export interface Block {
  language: string;
  text: string;
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

export const blocksOf = (page: string): Block[] =>
  [...readPage(page).matchAll(FENCE)].map(([, language = '', text = '']) => ({ language, text }));

/** A page without its blocks of code. */
export const proseOf = (page: string): string => readPage(page).replace(FENCE, '');

/** What stands between backticks. */
export const spansOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);

export const headingsOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);

/** As GitHub makes the anchor of a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
