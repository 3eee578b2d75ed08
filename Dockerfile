FROM node:22-bookworm-slim AS pages
WORKDIR /src/frontend
# The packages change less often than the sources.
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend .
RUN npm run build

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
COPY --from=pages /src/frontend/dist frontend/dist
# Sources and compiled dependencies stay in caches between builds; the executable leaves them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin tailwater && \
    cp target/release/tailwater /usr/local/bin/tailwater

FROM debian:bookworm-slim
# Certificates for destinations over TLS, curl for health checks.
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates curl && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --system --uid 10001 --create-home --home-dir /var/lib/tailwater tailwater
COPY --from=build /usr/local/bin/tailwater /usr/local/bin/tailwater
USER tailwater
# Where the embedded database lies, unless told otherwise.
WORKDIR /var/lib/tailwater
VOLUME /var/lib/tailwater
EXPOSE 5140/udp 5140/tcp 8000/tcp
ENTRYPOINT ["tailwater"]
CMD ["serve"]
