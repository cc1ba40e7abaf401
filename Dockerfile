# One image for each program, by target; the last one, "everything", is the default:
#   docker build --target sp -t jitsuin-sp .        a private relying party: no verifier, no simulator, none of their packages
#   docker build --target pf -t jitsuin-pf .        a platform operator
#   docker build --target gov -t jitsuin-gov .      an agency
#   docker build -t jitsuin .                       every command, with the simulator
# The base stands here by its digest, so that a build of today and one of next year have the same; samples/RELEASE.md says how it is
# brought up to date. Another base (a mirror, one of your own): --build-arg NODE_IMAGE=…, for compose NODE_IMAGE in the environment.
# Behind a proxy that opens TLS give its CA as a secret (it stays out of every layer): --secret id=ca,src=company-ca.pem
ARG NODE_IMAGE=node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=ca \
  if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi; \
  npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.mjs scripts/offline.mjs scripts/program-files.mjs scripts/
COPY src src
COPY workers workers
RUN npm run build

# What each program names, and nothing else, from what was installed above: no registry is asked.
FROM build AS everything-modules
RUN npm prune --omit=dev --ignore-scripts --offline --no-audit --no-fund
FROM build AS sp-modules
RUN cp dist/sp/package.json package.json && npm prune --omit=dev --ignore-scripts --offline --no-audit --no-fund
FROM build AS pf-modules
RUN cp dist/pf/package.json package.json && npm prune --omit=dev --ignore-scripts --offline --no-audit --no-fund
FROM build AS gov-modules
RUN cp dist/gov/package.json package.json && npm prune --omit=dev --ignore-scripts --offline --no-audit --no-fund

FROM ${NODE_IMAGE} AS base
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="jitsuin" \
  org.opencontainers.image.description="Open e-signing with the My Number Card through デジタル認証アプリ" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# Security Communication RootCA2 (the service's server certificate) is in Node's own list; no CA bundle replaces it.
# No JITSUIN_… stands here: the environment beats --env-file, and an image's default must not beat what an operator wrote.
# The data folder is ./data by default: the working directory makes it /data.
ENV NODE_ENV=production
WORKDIR /
# `node --`: without it the runtime takes --env-file for itself, and NODE_OPTIONS from the file.
# Group 0 may write: platforms that give every container a user of its own (OpenShift) keep that group.
RUN install -d -o 1000 -g 0 -m 0770 /data /world /world/callers /world/simulator /world/sp /world/gov /world/pf \
  && install -d -o 1000 -g 0 -m 0775 /world/postgres /world/redis
USER 1000
VOLUME /data
EXPOSE 8080

FROM base AS sp
COPY --from=sp-modules /app/package.json /app/package.json
COPY --from=sp-modules /app/node_modules /app/node_modules
COPY --from=build /app/dist/sp /app/dist/sp
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["node", "/app/dist/sp/src/cli/sp-main.js", "health"]
ENTRYPOINT ["node", "--", "/app/dist/sp/src/cli/sp-main.js"]
CMD ["--help"]

FROM base AS pf
COPY --from=pf-modules /app/package.json /app/package.json
COPY --from=pf-modules /app/node_modules /app/node_modules
COPY --from=build /app/dist/pf /app/dist/pf
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["node", "/app/dist/pf/src/cli/pf-main.js", "health"]
ENTRYPOINT ["node", "--", "/app/dist/pf/src/cli/pf-main.js"]
CMD ["--help"]

FROM base AS gov
COPY --from=gov-modules /app/package.json /app/package.json
COPY --from=gov-modules /app/node_modules /app/node_modules
COPY --from=build /app/dist/gov /app/dist/gov
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["node", "/app/dist/gov/src/cli/gov-main.js", "health"]
ENTRYPOINT ["node", "--", "/app/dist/gov/src/cli/gov-main.js"]
CMD ["--help"]

FROM base AS everything
COPY --from=everything-modules /app/package.json /app/package.json
COPY --from=everything-modules /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
COPY samples/applications /app/samples/applications
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["node", "/app/dist/src/cli/main.js", "health"]
ENTRYPOINT ["node", "--", "/app/dist/src/cli/main.js"]
CMD ["--help"]
