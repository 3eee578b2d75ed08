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
# Sources and compiled dependencies stay in caches between builds; what the image holds leaves them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin tailwater && \
    scripts/image-root target/release/tailwater /image

FROM scratch
COPY --from=build /image /
COPY --from=build --chown=10001:10001 /image/var/lib/tailwater /var/lib/tailwater
ENV PATH=/usr/local/bin
USER 10001:10001
# Where the embedded database lies, unless told otherwise.
WORKDIR /var/lib/tailwater
VOLUME /var/lib/tailwater
EXPOSE 5140/udp 5140/tcp 6514/tcp 8000/tcp
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["tailwater", "health"]
ENTRYPOINT ["tailwater"]
CMD ["serve"]
