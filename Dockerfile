# docker build -t parley .
# The first start prints a link. Open it to set up the server:
# docker run -p 127.0.0.1:8080:8080 -v parley:/data parley
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o /parley ./cmd/parley \
 && go run ./packaging/dist -licenses /THIRD-PARTY-LICENSES.txt \
 && mkdir /data

FROM scratch
# The certificate authorities that are trusted in connections to providers of sign-ins, storage services and mail servers.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /parley /parley
COPY --from=build /src/LICENSE /THIRD-PARTY-LICENSES.txt /usr/share/doc/parley/
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
ENV PARLEY_LISTEN=0.0.0.0:8080 \
    PARLEY_DATA=/data \
    PARLEY_TIME_ZONE=UTC
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=5m CMD ["/parley", "health"]
ENTRYPOINT ["/parley"]
CMD ["serve"]
