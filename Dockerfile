# The service in a container: `docker build -t whospeaks . && docker compose up`.
# The base is Node's current LTS line, pinned to a version. A tag can be moved, a digest cannot: to pin that too, look it up with
#   docker buildx imagetools inspect node:26.10.0-bookworm-slim
# and write `FROM node:26.10.0-bookworm-slim@sha256:...` below, and the same for the image that builds.
FROM node:26.10.0-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends g++ cmake make && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
# The microphone's capture library has no business in a server: it is not compiled, and goes with what only building needs.
RUN npm ci --ignore-scripts && npm run build && npm prune --omit=dev --omit=optional --ignore-scripts
# A server of a fleet needs NATS's packages: docker build --build-arg FLEET=1
ARG FLEET=
RUN if [ -n "$FLEET" ]; then npm install --no-save --omit=dev --omit=optional --ignore-scripts \
    $(node -p "const { devDependencies: all } = require('./package.json'); Object.keys(all).filter((name) => name.startsWith('@nats-io/')).map((name) => name + '@' + all[name]).join(' ')"); fi

FROM node:26.10.0-bookworm-slim
ENV NODE_ENV=production WHOSPEAKS_HOME=/data
# Settings of the environment reach the health check too: port, base path and TLS are changed here or in compose.yaml.
ENV WHOSPEAKS_SERVE_HOST=0.0.0.0 WHOSPEAKS_SERVE_TOKENS_FILE=/run/secrets/tokens
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE /app/THIRD-PARTY-NOTICES.txt ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/build ./build
COPY --from=build /app/models ./models
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 7979
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node", "dist/cli/main.js", "health"]
# Without tokens it refuses to start here, for it listens beyond the container.
CMD ["node", "dist/cli/main.js", "serve"]
