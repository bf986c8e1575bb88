"""Real servers for the tests, on loopback and free ports, each a context manager that leaves nothing behind.

`postgres.PostgresServer`, `redis.RedisServer`, `workers.CeleryWorker`, `workers.CeleryBeat`, `browser.chromium`.
Nothing is imported here, so that a test pays only for the server it uses. A server also ends when the thread that
started it ends, so start it in the main thread.
"""
