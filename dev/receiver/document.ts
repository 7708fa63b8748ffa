import { createHash } from 'node:crypto';
import { html, textOf, type Html } from './html.ts';
import { script } from './page-script.ts';
import { style } from './page-style.ts';

export interface Answered {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** As a policy names the content of an element that it lets through. */
function hashOf(element: Html): string {
  const text = textOf(element);
  const content = text.slice(text.indexOf('>') + 1, text.lastIndexOf('</'));
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}

/** The template escapes what came; the policy is for what it might miss. */
const POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function documentOf(content: Html): Answered {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'cache-control': 'no-store',
    },
    body: textOf(
      html`<!doctype html>
        <html lang="en">
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>A stand-in for Segment</title>
          ${style}
          <body>
            ${content} ${script}
          </body>
        </html>`,
    ),
  };
}
