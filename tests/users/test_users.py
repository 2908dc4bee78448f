"""The job `users` over a real MariaDB and a real paged API, by the command line."""

import csv
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import platforms

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOTLINE = os.environ.get("LOTLINE_BIN", ROOT / "target/debug/lotline")
KNOWN = ROOT / "../shared/data/users/known_pairs.json"
VENDOR_USERS = int(os.environ.get("LOTLINE_USERS_VENDOR", 3_500))
PLATFORM_USERS = int(os.environ.get("LOTLINE_USERS_PLATFORM", 4_700))
REAL_URL = "http://de-tech-challenge-api.herokuapp.com/api/v1/users"
# Rows of one range of the tests' job.
RANGE = 1_500
# Memory for data, and the most that the process may ever hold. The tests' binary is not optimized and larger.
MEMORY, LIMIT_BYTES = os.environ.get("LOTLINE_USERS_MEMORY", "32MiB"), 128_000_000
LIMIT_SECONDS = 15 * 60
PAIRS = "SELECT user_id, vendor_user_id, is_active, is_vendor_active FROM user_activity"


class Lake:
    """A folder with a copy of the job that asks the servers of the test."""

    def __init__(self, folder, address="", url=REAL_URL, changes=()):
        self.folder = pathlib.Path(folder)
        self.job = self.folder / "users"
        shutil.copytree(ROOT / "jobs/users", self.job)
        settings = self.job / "job.toml"
        text = settings.read_text()
        assert REAL_URL in text
        text = text.replace(REAL_URL, url).replace("rows_a_range = 10_000", f"rows_a_range = {RANGE}")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        settings.write_text(text)
        self.environment = {**os.environ, "LOTLINE_USERS_MYSQL": address}

    def lotline(self, *arguments):
        command = [LOTLINE, *map(str, arguments)]
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)

    def json(self, *arguments):
        done = self.lotline(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run(self, *arguments):
        return self.json("run", self.job, "--max-memory", MEMORY, "--threads", 2, *arguments)

    def summary(self, receipt):
        path = self.folder / f"lake/insights/users/{receipt['run_id']}.json"
        return json.loads(path.read_text())["insights"]


def is_active(day, as_of):
    days = (datetime.date.fromisoformat(as_of) - datetime.date.fromisoformat(day)).days
    return int(days <= 30)


class Whole(unittest.TestCase):
    """Generated users on both platforms; every test uses what is pulled and run once."""

    @classmethod
    def setUpClass(cls):
        if not pathlib.Path(platforms.SERVER).exists():
            raise unittest.SkipTest(f"no {platforms.SERVER}; install Debian's package `mariadb-server`")
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.data = pathlib.Path(cls.folder) / "data"
        sizes = ["--vendor", str(VENDOR_USERS), "--platform", str(PLATFORM_USERS)]
        subprocess.run([LOTLINE, "generate", "users", *sizes, "--out", cls.data], check=True, capture_output=True)
        database = pathlib.Path(cls.folder) / "db"
        database.mkdir()
        cls.database = platforms.MariaDb(database)
        cls.addClassCleanup(cls.database.close)
        cls.database.run((cls.data / "mysql.sql").read_bytes())
        cls.vendor = platforms.Vendor(cls.data / "vendor")
        cls.addClassCleanup(cls.vendor.close)
        (pathlib.Path(cls.folder) / "whole").mkdir()
        cls.lake = Lake(pathlib.Path(cls.folder) / "whole", cls.database.address(), cls.vendor.url)
        cls.receipt = cls.lake.run()
        cls.evaluation = cls.lake.json("evaluate", cls.lake.job, "--truth", cls.data / "truth.csv")

    def rows(self, name):
        with open(self.data / name, newline="") as file:
            return list(csv.DictReader(file))

    def vendor_users(self):
        pages = sorted((self.data / "vendor").iterdir())
        return [user for page in pages for user in json.loads(page.read_text())["users"]]

    def test_every_user_of_both_platforms_is_read_once(self):
        sources = self.receipt["sources"]
        for source, count in [("users", PLATFORM_USERS), ("vendor_users", VENDOR_USERS)]:
            self.assertEqual((sources[source]["read"], sources[source]["accepted"]), (count, count), source)
        found = self.lake.json("sql", "SELECT * FROM users ORDER BY id")
        for row, user in zip(found, self.rows("users.csv"), strict=True):
            self.assertEqual({name: str(value or "") for name, value in row.items()}, user)
        pages = -(-VENDOR_USERS // 1_000)
        self.assertLessEqual(set(range(1, pages + 1)), set(self.vendor.asked))

    def test_memory_and_time_stay_inside_what_was_asked_for(self):
        print(f"\n{VENDOR_USERS} x {PLATFORM_USERS}: {self.receipt['elapsed_s']:.1f} s,",
              f"{self.receipt['peak_rss_bytes'] / 1e6:.0f} MB, {self.receipt['links']} matches,",
              f"precision {self.evaluation['precision']:.4f}, recall {self.evaluation['recall']:.4f}")
        self.assertLessEqual(self.receipt["peak_rss_bytes"], LIMIT_BYTES)
        self.assertLess(self.receipt["elapsed_s"], LIMIT_SECONDS)

    def test_matches_are_the_true_ones(self):
        self.assertGreaterEqual(self.evaluation["precision"], 0.98)
        self.assertGreaterEqual(self.evaluation["recall"], 0.95)
        matches = self.lake.summary(self.receipt)["matches"]
        self.assertEqual(matches[0]["total_matches"], self.receipt["links"])

    def test_activity_is_what_a_plain_count_finds(self):
        here = {int(user["id"]): user["last_active_date"] for user in self.rows("users.csv")}
        there = {user["id"]: user["last_active_date"] for user in self.vendor_users()}
        for as_of in ["2017-02-02", "2017-01-25"]:
            receipt = self.lake.run("--no-pull", "--set", f"as_of={as_of}")
            self.assertEqual(receipt["run_id"] == self.receipt["run_id"], as_of == "2017-02-02")
            counts = {}
            for row in self.lake.json("sql", PAIRS):
                flags = is_active(here[row["user_id"]], as_of), is_active(there[row["vendor_user_id"]], as_of)
                self.assertEqual((row["is_active"], row["is_vendor_active"]), flags)
                counts[flags] = counts.get(flags, 0) + 1
            summary = self.lake.summary(receipt)
            found = {(row["is_active"], row["is_vendor_active"]): row["users"] for row in summary["activity"]}
            self.assertEqual(found, counts)
            self.assertEqual(len(summary["sample"]), 10)
            self.assertEqual({row["report_date"] for row in summary["sample"]}, {as_of})

    def test_what_did_not_change_is_pulled_again_and_changes_nothing(self):
        again = self.lake.run()
        self.assertEqual((again["run_id"], again["result_digest"]),
                         (self.receipt["run_id"], self.receipt["result_digest"]))

    def test_a_refused_password_is_told_by_server_and_not_shown(self):
        with tempfile.TemporaryDirectory() as folder:
            lake = Lake(folder, self.database.address("not-this-one"), self.vendor.url)
            done = lake.lotline("pull", lake.job, "--source", "users")
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"mysql://127.0.0.1:{self.database.port}/{platforms.DATABASE}", done.stderr)
        self.assertIn("Access denied", done.stderr)
        self.assertNotIn("not-this-one", done.stderr)

    def test_a_pull_that_was_broken_off_goes_on_behind_the_last_range(self):
        third_range = self.rows("users.csv")[2 * RANGE + 100]["id"]
        gate = f"IF(user.id > {third_range}, (SELECT n FROM gate), 0) AS gate"
        self.database.run(b"CREATE TABLE gate (n INT); INSERT INTO gate VALUES (1), (2)")
        with tempfile.TemporaryDirectory() as folder:
            lake = Lake(folder, self.database.address(), self.vendor.url, [("user.id, ", f"user.id, {gate}, ")])
            broken = lake.lotline("pull", lake.job, "--source", "users")
            self.assertEqual(broken.returncode, 2)
            self.assertIn("users`: page 3 (mysql://127.0.0.1", broken.stderr)
            self.database.run(b"DELETE FROM gate WHERE n = 1")
            report = lake.json("pull", lake.job, "--source", "users")["users"]
            self.assertEqual((report["done"], report["records"]), (True, PLATFORM_USERS - 2 * RANGE))
            parts = (pathlib.Path(folder) / "lake/pulled/users/users").rglob("*.ndjson")
            ids = [json.loads(line)["record"]["id"] for part in parts for line in part.open()]
        self.assertEqual(sorted(ids), [int(user["id"]) for user in self.rows("users.csv")])

    def test_a_key_that_names_several_rows_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            lake = Lake(folder, self.database.address(), self.vendor.url, [('key = "id"', 'key = "lastname"')])
            done = lake.lotline("pull", lake.job, "--source", "users")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"found the key `lastname` = .* twice, expected one row a key")

    def test_the_warehouse_takes_the_ddl(self):
        ddl = self.lake.lotline("ddl", self.lake.job, "user_activity", "--dialect", "mysql").stdout
        self.database.run(b"CREATE DATABASE warehouse", database="mysql")
        self.database.run(ddl.encode(), database="warehouse")
        columns = self.lake.json("sql", "SELECT * FROM user_activity LIMIT 1")[0]
        for name in columns:
            self.assertIn(f"`{name}` ", ddl)
        for dialect in ["redshift", "postgres"]:
            ddl = self.lake.lotline("ddl", self.lake.job, "user_activity", "--dialect", dialect).stdout
            self.assertIn('CREATE TABLE "user_activity" (\n  "user_id" BIGINT NOT NULL,', ddl)


class KnownPairs(unittest.TestCase):
    def test_the_known_pairs_match_with_their_known_activity(self):
        if not KNOWN.exists():
            self.skipTest(f"no {KNOWN}")
        pairs = json.loads(KNOWN.read_text())
        with tempfile.TemporaryDirectory() as folder:
            data = pathlib.Path(folder) / "data"
            sizes = ["--vendor", "3000", "--platform", "4000"]
            subprocess.run([LOTLINE, "generate", "users", *sizes, "--out", data], check=True, capture_output=True)
            # Out of reach of the keys of the others.
            shift = 1_000_000_000
            with open(data / "users.csv", newline="") as file:
                names = csv.DictReader(file).fieldnames
            with open(data / "users.csv", "a", newline="") as file:
                for user in (pair["mysql_user"] for pair in pairs):
                    row = {**user, "id": user["id"] + shift, "practice_location": user["location"]}
                    csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n").writerow(row)
            users = [{**pair["vendor_user"], "id": pair["vendor_user"]["id"] + shift} for pair in pairs]
            page = {"current_page": 4, "total_pages": 4, "users": users}
            (data / "vendor/page-00004.json").write_text(json.dumps(page))
            lake = Lake(folder)
            lake.run("--no-pull", "--input", f"users={data / 'users.csv'}", "--input", f"vendor_users={data / 'vendor'}")
            found = {(row["user_id"] - shift, row["vendor_user_id"] - shift):
                     (row["is_active"], row["is_vendor_active"])
                     for row in lake.json("sql", f"{PAIRS} WHERE user_id >= {shift}")}
        expected = {(pair["expected"]["doximity_user_id"], pair["expected"]["friendly_vendor_user_id"]):
                    (pair["expected"]["is_doximity_user_active"], pair["expected"]["is_friendly_vendor_user_active"])
                    for pair in pairs}
        self.assertEqual(found, expected)


if __name__ == "__main__":
    unittest.main()
