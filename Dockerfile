# One image, role by argument: `serve --role sp|gov|pf|simulator`, `worker --role sp|gov|pf`.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.mjs scripts/
COPY src src
COPY workers workers
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
# Security Communication RootCA2 (the service's server certificate) is in Node's own list; no CA bundle replaces it.
ENV NODE_ENV=production JITSUIN_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY samples/applications samples/applications
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["node", "/app/dist/src/cli/main.js"]
CMD ["--help"]
