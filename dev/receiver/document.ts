import { randomUUID } from 'node:crypto';
import { html, textOf, type Html } from './html.ts';
import { script } from './page-script.ts';
import { style } from './page-style.ts';

export interface Answered {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The template escapes what came; the policy is for what it might miss. */
export function documentOf(content: Html): Answered {
  const nonce = randomUUID();
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'no-store',
    },
    body: textOf(
      html`<!doctype html>
        <html lang="en">
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>A stand-in for Segment</title>
          ${style(nonce)}
          <body>
            ${content} ${script(nonce)}
          </body>
        </html>`,
    ),
  };
}
