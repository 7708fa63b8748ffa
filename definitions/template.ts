import type { Liquid, LiquidError } from 'liquidjs';
import { doubleKeeps } from '../vocabulary/decimal-text.ts';
import { nearestName } from './nearest.ts';
import { strayOperand } from './template-operands.ts';
import { createTemplateEngine, fileTags, liquidjs, MAX_TEMPLATE_LENGTH } from './template-engine.ts';

/** What can be known of a template without a row. */
export type ReadTemplate = { columns: string[] } | TemplateFault;

export interface TemplateFault {
  /** As the message of a fault. */
  fault: string;
  fix: string;
}

let engine: Liquid | null = null;

/** The columns that a template reads, each once; or what is wrong with it. */
export function readTemplate(text: string): ReadTemplate {
  engine ??= createTemplateEngine();
  if (text.length > MAX_TEMPLATE_LENGTH) {
    return {
      fault: `is longer than ${MAX_TEMPLATE_LENGTH} characters`,
      fix: 'Compute the value in the model.',
    };
  }
  const literal = inTags(text).find((token) => !doubleKeeps(token));
  if (literal !== undefined) {
    return { fault: `holds the number ${literal}, which would lose digits`, fix: 'Write it in quotes.' };
  }
  if (readsClock.test(text)) {
    return {
      fault: 'reads the clock, which would change every row at every run',
      fix: 'Use a column, or map { run: startedAt, to: trait }.',
    };
  }
  try {
    const parts = engine.parse(text);
    const stray = strayOperand(parts);
    if (stray !== null) {
      const [line, column] = stray.getPosition();
      return {
        fault: `has "${stray.getText()}" where Liquid expects nothing more, at line ${line}, column ${column} of it`,
        fix: 'A column whose name is no plain word is written {{ ["first name"] }}; texts are joined by | append.',
      };
    }
    return { columns: [...new Set(engine.globalVariablesSync(parts))] };
  } catch (error) {
    if (!liquidjs().LiquidError.is(error)) throw error;
    return faultOf(error, engine);
  }
}

/** `'now' | date`, the way in which Liquid reads the clock; a column with such a value is seen at its row. */
const readsClock = /(["'])\s*(?:now|today)\s*\1\s*\|\s*date/i;

/** The numbers that stand in the tags of a template. */
const inTags = (text: string): string[] =>
  [...text.matchAll(/\{\{.*?\}\}|\{%.*?%\}/gs)].flatMap(([tag]) =>
    [...tag.replace(/"[^"]*"|'[^']*'/g, '').matchAll(/(?<![\w.\]-])-?\d+(?:\.\d+)?(?![\w-])/g)].map(
      ([number]) => number,
    ),
  );

function faultOf(error: LiquidError, { filters, tags }: Liquid): TemplateFault {
  const place = /, line:(\d+), col:(\d+)$/.exec(error.message);
  const message = error.message.slice(0, place?.index);
  const where = place === null ? '' : `, at line ${place[1]}, column ${place[2]} of it`;
  const filter = /^undefined filter: (.+)$/.exec(message)?.[1];
  if (filter !== undefined) {
    const near = nearestName(filter, Object.keys(filters));
    const list = 'The filters are those of Liquid, https://liquidjs.com/filters/overview.html.';
    return {
      fault: `uses the filter "${filter}", which there is not${where}`,
      fix: near === null ? list : `Did you mean "${near}"?`,
    };
  }
  const tag = /^tag "(.+)" not found$/.exec(message)?.[1];
  if (tag !== undefined) {
    if (fileTags.some((name) => name === tag)) {
      return { fault: `uses "${tag}", and templates read no files${where}`, fix: 'Write the text here.' };
    }
    const near = nearestName(tag, Object.keys(tags));
    const list = `The tags are ${Object.keys(tags).join(', ')}.`;
    return {
      fault: `uses the tag "${tag}", which there is not${where}`,
      fix: near === null ? list : `Did you mean "${near}"?`,
    };
  }
  return { fault: `cannot be read: ${message}${where}`, fix: 'Mend it, or compute the value in the model.' };
}
