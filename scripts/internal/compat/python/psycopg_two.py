"""psycopg 2, which sends simple queries only."""

import io
import select
import threading

import psycopg2
import psycopg2.errors
from report import check, emit, endless, until_busy, urls, want, ways

emit("version", psycopg2.__version__.split()[0], "")

for feature, keywords in ways.items():

    @check(feature)
    def _():
        conn = psycopg2.connect(dbname="postgres", **keywords)
        with conn, conn.cursor() as cursor:
            cursor.execute("select 1")
            want(cursor.fetchone(), (1,))
        conn.close()

for feature, url in urls.items():

    @check(feature)
    def _():
        conn = psycopg2.connect(url)
        with conn, conn.cursor() as cursor:
            cursor.execute("select 1")
            want(cursor.fetchone(), (1,))
        conn.close()


def connect():
    conn = psycopg2.connect(dbname="postgres", **ways["tcp"])
    conn.autocommit = True
    return conn


conn = connect()
cursor = conn.cursor()


@check("simple")
def _():
    cursor.execute("select %s + %s", (40, 2))
    want(cursor.fetchone(), (42,))


for feature in ("extended", "prepared", "pipeline", "pipeline-error", "binary"):
    emit(feature, "none", "psycopg 2 sends simple queries only")


@check("copy-in")
def _():
    cursor.execute("create temp table copied(a int, b text)")
    cursor.copy_expert("copy copied from stdin", io.StringIO("".join(f"{i}\ttext\n" for i in range(100_000))))
    want(cursor.rowcount, 100_000)


@check("copy-out")
def _():
    out = io.BytesIO()
    cursor.copy_expert("copy (select g, repeat('x', 100) from generate_series(1, 100000) g) to stdout", out)
    want(out.getvalue().count(b"\n"), 100_000)


@check("cancel")
def _():
    def cancel():
        other = connect()
        until_busy(other.cursor())
        other.close()
        conn.cancel()

    threading.Thread(target=cancel, daemon=True).start()
    try:
        cursor.execute(endless)
    except psycopg2.errors.QueryCanceled:
        cursor.execute("select 1")
    else:
        raise AssertionError("no error")


@check("notify")
def _():
    cursor.execute("listen news")
    other = connect()
    other.cursor().execute("notify news, 'hello'")
    other.close()
    select.select([conn], [], [], 60)
    conn.poll()
    want(conn.notifies[0].payload, "hello")


@check("large")
def _():
    big = "0123456789" * 2_000_000
    cursor.execute("select %s::text", (big,))
    want(cursor.fetchone()[0] == big, True)


conn.close()
