# The file system that npm run image writes, for those who prefer an engine: docker buildx build --platform linux/amd64 .
# Its layers differ, and so does its digest. docs/image.md says what is in it.

FROM --platform=$BUILDPLATFORM node:26-bookworm-slim AS build
ARG TARGETARCH
WORKDIR /kured
COPY . .
RUN npm ci && npm run build -- --node-only && npm run image -- --arch "$TARGETARCH" --output /image
RUN mkdir /layers /root-of-image \
 && tar -xf "/image/kured.$TARGETARCH.docker.tar" -C /layers \
 && for layer in $(node -p 'JSON.parse(fs.readFileSync("/layers/manifest.json"))[0].Layers.join(" ")'); do \
      tar -xzf "/layers/$layer" -C /root-of-image; \
    done

FROM scratch
COPY --from=build /root-of-image/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
LABEL org.opencontainers.image.title=kured
ENTRYPOINT ["/usr/bin/kured"]
