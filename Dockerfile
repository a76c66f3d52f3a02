FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY . .
RUN cargo build --profile dist --locked --package l0-runtime && strip target/dist/l0-runtime

FROM debian:bookworm-slim
WORKDIR /app
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /build/target/dist/l0-runtime /usr/local/bin/
COPY pipeline.toml ./
COPY sql sql
COPY schemas schemas
COPY static static
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["l0-runtime"]
CMD ["run"]
