# glibc is needed: the Temporal SDK and DuckDB have no binaries for Alpine.
# The long-term release of Node.js that is still mended; Backhaul itself needs 20.19.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund && node deploy/image/prune.js

FROM ${NODE_IMAGE}
# The Temporal SDK takes the system's certificates, and slim images have none.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
# The heap of one process. DuckDB's 256 MB and the SDK's native memory come on top: give the container twice as much.
ENV NODE_ENV=production NODE_OPTIONS=--max-old-space-size=1024
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# A new volume takes the owner of the folder that it is mounted on.
RUN install --directory --owner=node --group=node /var/lib/backhaul /var/lib/backhaul/blobs
USER node
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/bin/backhaul.js"]
