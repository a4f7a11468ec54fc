"""psycopg 3."""

import threading
import time

import psycopg
from report import check, emit, endless, until_busy, urls, want, ways

emit("version", psycopg.__version__, "")

for feature, keywords in ways.items():

    @check(feature)
    def _():
        with psycopg.connect(dbname="postgres", **keywords) as conn:
            want(conn.execute("select 1").fetchone(), (1,))

for feature, url in urls.items():

    @check(feature)
    def _():
        with psycopg.connect(url) as conn:
            want(conn.execute("select 1").fetchone(), (1,))


def connect():
    return psycopg.connect(dbname="postgres", autocommit=True, **ways["tcp"])


conn = connect()


@check("simple")
def _():
    want(psycopg.ClientCursor(conn).execute("select 42").fetchone(), (42,))


@check("extended")
def _():
    want(conn.execute("select %s::int + %s::int", (40, 2)).fetchone(), (42,))


@check("prepared")
def _():
    for i in range(100):
        want(conn.execute("select %s::int * 2", (i,), prepare=True).fetchone(), (2 * i,))


@check("pipeline")
def _():
    with conn.pipeline():
        cursors = [conn.execute("select %s::int", (i,)) for i in range(500)]
        want([c.fetchone()[0] for c in cursors], list(range(500)))


@check("pipeline-error")
def _():
    try:
        with conn.pipeline():
            conn.execute("select 1")
            conn.execute("select 1/0")
            conn.execute("select 2")
    except psycopg.errors.DivisionByZero:
        want(conn.execute("select 3").fetchone(), (3,))
    else:
        raise AssertionError("no error")


@check("binary")
def _():
    cursor = conn.cursor(binary=True)
    data = bytes([0, 1, 255])
    want(cursor.execute("select %b::bytea, %b::int8, 0.1::float8, array[1,2,3]", (data, 2**60)).fetchone(), (data, 2**60, 0.1, [1, 2, 3]))


@check("copy-in")
def _():
    conn.execute("create temp table copied(a int, b text)")
    with conn.cursor().copy("copy copied from stdin") as copy:
        for i in range(100_000):
            copy.write_row((i, "text"))
    want(conn.execute("select count(*) from copied").fetchone(), (100_000,))


@check("copy-out")
def _():
    with conn.cursor().copy("copy (select g, repeat('x', 100) from generate_series(1, 100000) g) to stdout") as copy:
        want(sum(bytes(block).count(b"\n") for block in copy), 100_000)


@check("cancel")
def _():
    def cancel():
        other = connect()
        until_busy(other.cursor())
        other.close()
        conn.cancel()

    threading.Thread(target=cancel, daemon=True).start()
    try:
        conn.execute(endless)
    except psycopg.errors.QueryCanceled:
        want(conn.execute("select 1").fetchone(), (1,))
    else:
        raise AssertionError("no error")


@check("notify")
def _():
    conn.execute("listen news")
    with connect() as other:
        other.execute("notify news, 'hello'")
    deadline = time.time() + 60
    for notification in conn.notifies():
        want(notification.payload, "hello")
        break
    want(time.time() < deadline, True)


@check("large")
def _():
    big = "0123456789" * 2_000_000
    want(conn.execute("select %s::text", (big,)).fetchone()[0] == big, True)
    want(sum(1 for _ in conn.execute("select repeat(g::text, 100) from generate_series(1, 100000) g")), 100_000)


conn.close()
