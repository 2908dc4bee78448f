"""Other people's programs read our tables: pyarrow and DuckDB find what `lotline` says is there."""

import datetime
import decimal
import glob
import json
import os
import subprocess
import tempfile
import tomllib
import unittest
from pathlib import Path

import duckdb
import pyarrow.parquet as parquet
import sqlglot

ROOT = Path(__file__).resolve().parents[2]
ROWS = 500
# What `lotline generate` makes for a job, and the file of each of its sources.
JOBS = {
    "properties": {"assessor": "assessor.csv", "listings": "listings.csv"},
    "open-houses": {"open_houses": "openhouses.json"},
}


def binary():
    """The command under test; `cargo xtask test` names it."""
    path = Path(os.environ.get("LOTLINE_BIN", ROOT / "target/debug/lotline"))
    if not path.is_file():
        raise RuntimeError(f"`{path}` was not found: run `cargo build`, or set LOTLINE_BIN")
    return str(path)


def lotline(*arguments):
    """Standard output of the command, which must end with 0."""
    done = subprocess.run([binary(), *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"lotline {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def key_column(name):
    """The column a published table is sorted by and has a bloom filter on."""
    for path in ROOT.glob(f"jobs/*/tables/{name}.toml"):
        return tomllib.loads(path.read_text())["key"][0]
    return "rule" if name.endswith("_index") else "id_l"


def is_quarantine(name):
    """Quarantines are in order of file and row; they have no key."""
    return name.endswith("_quarantine")


def byte_order(key):
    """Text sorts by its UTF-8 bytes, numbers as they are."""
    return key.encode() if isinstance(key, str) else key


def in_duckdb(query):
    """An Athena query as DuckDB's, with its exact percentile in place of the approximate one."""

    def exact(node):
        if isinstance(node, sqlglot.exp.ApproxQuantile):
            return sqlglot.exp.Anonymous(this="quantile_cont", expressions=[node.this, node.args["quantile"]])
        return node

    return sqlglot.parse_one(query, read="athena").transform(exact).sql("duckdb")


def plain(value):
    """DuckDB's value as JSON has it."""
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="milliseconds")
    return value.isoformat() if isinstance(value, datetime.date) else value


class OutsideReaders(unittest.TestCase):
    """One lake with the tables of every job that has generated input."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.lake = os.path.join(folder.name, "lake")
        cls.receipts = {}
        for job, sources in JOBS.items():
            out = os.path.join(folder.name, job)
            lotline("generate", job, "--out", out, "--rows", str(ROWS))
            inputs = [f"--input={source}={os.path.join(out, file)}" for source, file in sources.items()]
            receipt = lotline("run", f"jobs/{job}", "--lake", cls.lake, "--json", *inputs)
            cls.receipts[job] = json.loads(receipt)
        cls.kept = Path(folder.name, "open-houses", "openhouses_truth.csv").read_text().splitlines()[1:]
        cls.tables = json.loads(lotline("tables", "--lake", cls.lake, "--json"))
        cls.duckdb = duckdb.connect()
        cls.addClassCleanup(cls.duckdb.close)
        for table in cls.tables:
            cls.duckdb.execute(f"CREATE VIEW {table['name']} AS FROM read_parquet('{table['location']}')")

    def each_file(self, check):
        """Calls `check` with the table name and the opened file of every Parquet file."""
        for table in self.tables:
            paths = sorted(glob.glob(table["location"]))
            self.assertTrue(paths, table)
            for path in paths:
                with self.subTest(file=path), parquet.ParquetFile(path) as file:
                    check(table["name"], file)

    def test_every_table_of_the_jobs_is_published(self):
        names = {table["name"] for table in self.tables}
        expected = {"assessor", "listings", "properties_links", "properties_linked", "open_houses"}
        self.assertLessEqual(expected, names)

    def test_counts_agree_with_both_readers(self):
        for table in self.tables:
            with self.subTest(table=table["name"]):
                counted = self.duckdb.execute(f"SELECT count(*) FROM {table['name']}").fetchone()[0]
                metadata = [parquet.read_metadata(path).num_rows for path in glob.glob(table["location"])]
                self.assertEqual((table["rows"], table["rows"]), (counted, sum(metadata)))

    def test_generated_rows_arrive(self):
        rows = {table["name"]: table["rows"] for table in self.tables}
        self.assertEqual((ROWS, ROWS), (rows["assessor"], rows["listings"]))
        self.assertEqual(len(self.kept), rows["open_houses"])

    def test_files_are_sorted_by_key(self):
        def check(name, file):
            if is_quarantine(name):
                return
            keys = file.read([key_column(name)]).column(0).to_pylist()
            self.assertEqual(sorted(keys, key=byte_order), keys)

        self.each_file(check)

    def test_columns_carry_distinct_field_ids(self):
        def check(_, file):
            ids = [(field.metadata or {}).get(b"PARQUET:field_id") for field in file.schema_arrow]
            self.assertNotIn(None, ids)
            self.assertEqual(len(ids), len(set(ids)))

        self.each_file(check)

    def test_columns_have_page_indexes(self):
        def check(name, file):
            for group in map(file.metadata.row_group, range(file.num_row_groups)):
                for column in map(group.column, range(group.num_columns)):
                    self.assertTrue(column.has_offset_index, column.path_in_schema)
                    if column.path_in_schema == key_column(name):
                        self.assertTrue(column.has_column_index, column.path_in_schema)

        self.each_file(check)

    def test_keys_have_bloom_filters(self):
        for table in filter(lambda table: not is_quarantine(table["name"]), self.tables):
            with self.subTest(table=table["name"]):
                query = "SELECT count(*), count(bloom_filter_offset) FROM parquet_metadata(?) WHERE path_in_schema = ?"
                counts = self.duckdb.execute(query, [table["location"], key_column(table["name"])]).fetchone()
                self.assertGreater(counts[0], 0)
                self.assertEqual(counts[0], counts[1])

    def test_insights_have_the_same_answer_in_duckdb(self):
        for job in JOBS:
            paths = sorted((ROOT / "jobs" / job / "insights").glob("*.sql"))
            self.assertTrue(paths, job)
            for path in paths:
                with self.subTest(insight=f"{job}/{path.stem}"):
                    self.check_insight(path.read_text())

    def check_insight(self, query):
        ours = json.loads(lotline("sql", "--lake", self.lake, "--json", query))
        cursor = self.duckdb.execute(in_duckdb(query))
        names = [column[0] for column in cursor.description]
        theirs = [dict(zip(names, map(plain, row))) for row in cursor.fetchall()]
        self.assertTrue(theirs)
        self.assertEqual(len(theirs), len(ours))
        for their_row, our_row in zip(theirs, ours):
            self.assertEqual(list(their_row), list(our_row))
            for name, value in their_row.items():
                self.assert_same(value, our_row[name])

    def assert_same(self, theirs, ours):
        """Equal, or as near as two orders of adding up floating-point numbers come."""
        if isinstance(theirs, str) and isinstance(ours, str) and len(ours) == len("2023-04-01"):
            # DuckDB's `date_trunc` makes a date a timestamp; Athena's and ours leave it a date.
            theirs = theirs.removesuffix(" 00:00:00.000")
        if isinstance(theirs, float) and ours is not None:
            self.assertAlmostEqual(1.0, ours / theirs if theirs else 1.0 + ours, places=9)
        else:
            self.assertEqual(theirs, ours)


if __name__ == "__main__":
    unittest.main()
