# One image for every service of docker-compose.yml that is ours. What it installs is what CI installs: .ci/setup.
FROM python:3.11-slim

ENV PATH="/app/.venv/bin:$PATH" \
    PYTHONUNBUFFERED=1

WORKDIR /app
COPY . .

# The account cannot change the application, only /data: keys, mailbox, a demo's files. Wheels only, no compiler.
RUN chmod -R a+rX . \
 && PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1 bash .ci/setup \
 && useradd --user-group --no-create-home --uid 10001 --home-dir /data --shell /usr/sbin/nologin equipoise \
 && install --directory --owner=equipoise --group=equipoise --mode=0700 /data

USER equipoise
WORKDIR /data
VOLUME /data
CMD ["equipoise", "--help"]
