const safe = Symbol('safe');

/** Markup of our own, in which everything that came from outside is escaped. Only `html` makes it. */
export interface Html {
  readonly [safe]: string;
}

type Part = string | number | Html | readonly Html[];

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

function render(part: Part): string {
  if (typeof part === 'object') return safe in part ? part[safe] : part.map(render).join('');
  return escape(String(part));
}

/**
 * Markup with escaped parts.
 *
 * @example
 * textOf(html`<b title="${'"'}">${'<i>'}</b>`) // <b title="&quot;">&lt;i&gt;</b>
 */
export const html = (texts: TemplateStringsArray, ...parts: Part[]): Html => ({
  [safe]: texts.map((text, position) => text + render(parts[position] ?? '')).join(''),
});

export const textOf = (markup: Html): string => markup[safe];
