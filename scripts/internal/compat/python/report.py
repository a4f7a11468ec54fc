"""What the clients' programs share: where the server is, and how they report."""

import os
import time

socket_dir = os.environ["COMPAT_SOCKET_DIR"]
host, port = os.environ["COMPAT_HOST"], os.environ["COMPAT_PORT"]
role, password = os.environ["COMPAT_ROLE"], os.environ["COMPAT_PASSWORD"]

# Keywords of connections by feature.
ways = {
    "unix": {"host": socket_dir, "port": port, "user": "postgres"},
    "tcp": {"host": host, "port": port, "user": "postgres", "sslmode": "disable"},
    "tls": {"host": host, "port": port, "user": "postgres", "sslmode": "verify-full", "sslrootcert": os.environ["COMPAT_CA"]},
    "scram": {"host": host, "port": port, "user": role, "password": password, "sslmode": "disable"},
}

# Connection strings by feature.
urls = {"url-unix": os.environ["COMPAT_URL_UNIX"], "url-tcp": os.environ["COMPAT_URL_TCP"]}

endless = "select count(*) from generate_series(1, 1e10::bigint)"


def until_busy(cursor):
    """Waits until a session runs the endless query."""
    busy = False
    while not busy:
        cursor.execute(f"select exists (select from pg_stat_activity where state = 'active' and query = '{endless}')")
        (busy,) = cursor.fetchone()
        time.sleep(0.01)


def emit(*parts):
    print("\t".join(p.replace("\n", " ").replace("\t", " ") for p in parts), flush=True)


def check(feature):
    """Runs the decorated check of a feature and reports."""

    def run(function):
        try:
            function()
        except Exception as error:  # noqa: BLE001
            emit(feature, "fail", f"{type(error).__name__}: {error}")
        else:
            emit(feature, "ok", "")

    return run


def want(got, wanted):
    if got != wanted:
        raise AssertionError(f"got {str(got)[:200]}, want {str(wanted)[:200]}")
