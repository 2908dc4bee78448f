"""The Glue job on Spark as Glue 5 has it, against a real PostgreSQL: what it pulls, twice, in turn, and when it cannot."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GLUE = ROOT / "infra/glue"
sys.path[:0] = [str(HERE), str(HERE.parent / "aws"), str(GLUE)]

import boto3
import pyarrow
import pyarrow.parquet

import database
from deploy import Stack
from emulator import Emulator

BINARIES = pathlib.Path(os.environ.get("LOTLINE_BINARIES", ROOT / "target/debug"))
STACK, JOB, SOURCE = "lotline", "crm", "customers"
ROWS = 1_000
DEADLINE_S = 300
# The site's own table: names and types of its own, a column that nobody asked for, rows that no key cuts.
TABLE = f"""
CREATE SCHEMA crm;
CREATE TABLE crm.customers (
  id bigint, full_name text, balance numeric(12, 2), born_on date, active boolean,
  "Changed_At" timestamptz, secret_note text
);
INSERT INTO crm.customers
SELECT n * 3, CASE n % 7 WHEN 0 THEN 'Zoë "Zo" O''Hara, ' || n WHEN 1 THEN '' ELSE 'Customer ' || n END,
  CASE n % 5 WHEN 0 THEN NULL ELSE n * 1.25 - 500 END, date '1950-01-01' + n % 20000, n % 3 = 0,
  timestamptz '2026-03-08 06:30:00.123456+00' + n * interval '7 minutes', 'not for the lake'
FROM generate_series(1, {ROWS - 2}) n;
INSERT INTO crm.customers SELECT NULL, 'nobody ' || n, 1, NULL, NULL, '2026-01-01 00:00:00+00', NULL FROM generate_series(1, 2) n;
"""
CSV = """
COPY (SELECT id, full_name, balance, born_on, active,
  to_char("Changed_At" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS changed_at FROM crm.customers) TO STDOUT CSV HEADER
"""


def setUpModule():
    database.install_or_skip()
    OnPremise.emulator = unittest.enterModuleContext(Emulator())
    OnPremise.site = unittest.enterModuleContext(database.server())
    os.environ.update(
        AWS_ENDPOINT_URL=OnPremise.emulator.endpoint,
        AWS_EC2_METADATA_DISABLED="true",
        # Spark's workers are processes of their own; at most two work at once.
        PYTHONPATH=str(GLUE),
        PYSPARK_PYTHON=sys.executable,
        SPARK_LOCAL_IP="127.0.0.1",
        PYSPARK_SUBMIT_ARGS=f"--master local[2] --driver-class-path {database.DRIVER}"
        " --driver-memory 512m --driver-java-options -Duser.timezone=UTC --conf spark.ui.enabled=false --conf spark.ui.showConsoleProgress=false --conf spark.log.level=OFF pyspark-shell",
    )
    import ingest_onprem

    OnPremise.spark = ingest_onprem.spark()
    unittest.addModuleCleanup(OnPremise.spark.stop)


def client(service):
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=OnPremise.emulator.endpoint, region_name="us-east-1", **keys)


class OnPremise(unittest.TestCase):
    """Every test has a lake and a table of the site of its own."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.emulator.reset()
        self.deploy()
        self.s3, self.items = client("s3"), client("dynamodb")
        self.site.sql(f"DROP SCHEMA IF EXISTS crm CASCADE; {TABLE}")
        self.connect("site", self.site.url, database.PASSWORD)
        # The folder as the program takes it; what only the Glue job reads, its settings do not know yet.
        self.plain = shutil.copytree(HERE / "jobs" / JOB, self.folder / JOB)
        said = (self.plain / "job.toml").read_text()
        (self.plain / "job.toml").write_text(said.replace('engine = "glue"\n', "").split("[sources.customers.jdbc]")[0])
        self.settings()

    def deploy(self):
        """A lake with nothing but its bucket and its table."""
        self.bucket, self.table = "lake", "settings"
        client("s3").create_bucket(Bucket=self.bucket)
        client("s3").put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        client("dynamodb").create_table(
            TableName=self.table,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def connect(self, name, url, password):
        """A Glue connection to the site, with its secret."""
        login = json.dumps({"username": "reader", "password": password})
        secret = client("secretsmanager").create_secret(Name=f"secret-of-{name}", SecretString=login)["ARN"]
        properties = {"JDBC_CONNECTION_URL": url, "SECRET_ID": secret}
        connection = {"Name": name, "ConnectionType": "JDBC", "ConnectionProperties": properties}
        client("glue").create_connection(ConnectionInput=connection)

    def settings(self, change=lambda text: text):
        """Writes the job's settings as the program does."""
        folder = HERE / "jobs" / JOB
        files = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.toml")}
        files["job.toml"] = change(files["job.toml"])
        item = {"pk": {"S": f"JOB#{JOB}"}, "sk": {"S": "SETTINGS"}, "version": {"N": "1"}, "files": {"S": json.dumps(files)}}
        self.items.put_item(TableName=self.table, Item=item)
        return item

    def item(self, pk, sk):
        return self.items.get_item(TableName=self.table, Key={"pk": {"S": pk}, "sk": {"S": sk}}).get("Item")

    def lotline(self, *arguments):
        command = [str(BINARIES / "lotline"), *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "AWS_REGION": "us-east-1"})
        self.assertEqual(done.returncode, 0, f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def pull(self, pull_id="first", job=JOB):
        import ingest_onprem

        return ingest_onprem.run(self.spark, job, pull_id, f"s3://{self.bucket}", self.table)

    def refused(self, **arguments):
        """What the job says when it cannot pull."""
        import onprem_faults

        with self.assertRaises(onprem_faults.Fault) as caught:
            self.pull(**arguments)
        self.assertNotIn(database.PASSWORD, str(caught.exception))
        return str(caught.exception)

    def dropped(self):
        """Keys, tags and times of everything in the drop."""
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=f"drop/{JOB}/{SOURCE}/").get("Contents", [])
        return {file["Key"]: (file["ETag"], file["LastModified"]) for file in found}

    def download(self):
        paths = []
        for key in self.dropped():
            paths.append(self.folder / key.replace("/", "-"))
            self.s3.download_file(self.bucket, key, str(paths[-1]))
        return paths

    def local_digest(self, lake, *paths):
        inputs = [f"--input={SOURCE}={path}" for path in paths]
        receipt = json.loads(self.lotline("run", self.plain, "--lake", self.folder / lake, "--json", *inputs))
        return receipt["result_digest"], receipt["sources"][SOURCE]

    def csv(self):
        path = self.folder / "customers.csv"
        path.write_text(self.site.sql(CSV))
        return path


class Pulls(OnPremise):
    def test_files_have_every_row_once_and_say_where_they_come_from(self):
        (report,) = self.pull()
        self.assertEqual((report["rows"], report["counted"], len(report["files"])), (ROWS, ROWS, 4))
        ticket = f"{report['ticket']:012}"
        expected = [f"drop/{JOB}/{SOURCE}/pulled/{ticket}/part-{part:05}.parquet" for part in range(4)]
        self.assertEqual(list(self.dropped()), expected)
        files = [pyarrow.parquet.ParquetFile(path) for path in self.download()]
        for file, noted in zip(files, report["files"]):
            self.assertEqual(file.metadata.num_rows, noted["rows"])
            said = {name.decode(): value.decode() for name, value in file.metadata.metadata.items()}
            envelope = {"job": JOB, "source": SOURCE, "pull_id": "first", "relation": "crm.customers", "settings_version": "1"}
            self.assertLessEqual({f"lotline.{name}": value for name, value in envelope.items()}.items(), said.items())
        rows = pyarrow.concat_tables(file.read() for file in files)
        self.assertEqual(rows.column_names, ["id", "full_name", "balance", "born_on", "active", "Changed_At"])
        self.assertEqual(sorted(id or 0 for id in rows["id"].to_pylist()), [0, 0, *range(3, 3 * ROWS - 5, 3)])

        with self.subTest("counts are in the table and beside the files"):
            item = self.item(f"PULL#{JOB}/{SOURCE}", "AT#first")
            self.assertEqual((item["status"]["S"], item["rows"]["N"], item["parts"]["N"]), ("succeeded", str(ROWS), "4"))
            kept = self.s3.get_object(Bucket=self.bucket, Key=f"runs/pulls/first/{SOURCE}/report.json")["Body"].read()
            self.assertEqual(json.loads(kept), report)

        with self.subTest("a run finds the digests that it would otherwise read the files for"):
            for file in report["files"]:
                version = self.s3.head_object(Bucket=self.bucket, Key=file["key"])["VersionId"]
                note = hashlib.sha256(f"{version}/{file['key']}".encode()).hexdigest()
                body = self.s3.get_object(Bucket=self.bucket, Key=file["key"])["Body"].read()
                noted = self.s3.get_object(Bucket=self.bucket, Key=f"runs/digests/{note}")["Body"].read()
                self.assertEqual(noted.decode(), hashlib.sha256(body).hexdigest())

    def test_the_result_is_that_of_a_csv_of_the_same_rows(self):
        self.pull()
        self.assertEqual(self.local_digest("pulled", *self.download()), self.local_digest("csv", self.csv()))

    def test_a_pull_that_is_made_again_does_what_is_left(self):
        (first,) = self.pull()
        dropped = self.dropped()
        self.site.sql("UPDATE crm.customers SET full_name = 'changed since'")
        self.assertEqual(self.pull(), [first])
        self.assertEqual(self.dropped(), dropped)
        lost = first["files"][2]["key"]
        self.s3.delete_object(Bucket=self.bucket, Key=f"runs/pulls/first/{SOURCE}/parts/00002.json")
        (again,) = self.pull()
        self.assertEqual((again["rows"], again["ticket"]), (ROWS, first["ticket"]))
        self.assertEqual([key for key in dropped if self.dropped()[key] != dropped[key]], [lost])

    def test_a_later_pull_takes_the_place_of_an_earlier_one_and_keeps_it(self):
        import onprem_database
        import onprem_pull

        lake = onprem_pull.Lake(f"s3://{self.bucket}", self.table)
        version, files = lake.settings(JOB)
        (said,) = ingest_settings(files)
        relation, slow = onprem_database.Relation(self.spark, said), onprem_pull.Pull(lake, JOB, SOURCE, "slow")
        plan = slow.plan(version, relation)
        self.site.sql("DELETE FROM crm.customers WHERE id > 300")
        (fast,) = self.pull("fast")
        self.assertEqual((fast["rows"], fast["superseded"]), (102, False))
        shown = self.dropped()
        slow.write(plan, relation)
        self.assertGreater(len(self.dropped()), len(shown))
        self.assertTrue(slow.finish(plan)["superseded"])
        self.assertEqual(self.dropped(), shown)
        (last,) = self.pull("last")
        self.assertEqual({key.split("/")[4] for key in self.dropped()}, {f"{last['ticket']:012}"})

    def test_a_table_without_rows_is_one_file_without_rows(self):
        self.site.sql("DELETE FROM crm.customers")
        (report,) = self.pull()
        self.assertEqual((report["rows"], len(report["files"])), (0, 1))
        (path,) = self.download()
        self.assertEqual(pyarrow.parquet.read_table(path).num_rows, 0)
        self.assertEqual(self.local_digest("pulled", path), self.local_digest("csv", self.csv()))


def ingest_settings(files):
    import onprem_settings

    return onprem_settings.glue_sources(JOB, files).values()


class Faults(OnPremise):
    """What goes wrong has the names that the functions give it."""

    def test_of_requests_and_settings(self):
        self.assertIn("Lotline.BadRequest: job: found `nobody`, expected a job with settings", self.refused(job="nobody"))
        for found, put, expected in [
            ('engine = "glue"', 'engine = "glue2"', "`sources.customers.engine`: found `glue2`, expected `glue`"),
            ('engine = "glue"', "", "found none to pull, expected one with `engine = \"glue\"`"),
            ("readers = 2", "reader = 2", "`sources.customers.jdbc.reader`: found an unknown key, expected one of `connection`"),
            ("readers = 2", "readers = 0", "`sources.customers.jdbc.readers`: found `0`, expected 1 to 64"),
            ('"crm.customers"', '"crm.customers; drop"', "`sources.customers.jdbc.relation`: found `crm.customers; drop`, expected a name"),
            ('key = "id"', "", "`sources.customers.jdbc.key`: found `None`, expected a name"),
            ('key = "id"', 'key = "full_name"', "crm.customers: found the key `full_name` of type `string`, expected whole numbers"),
            ('"crm.customers"', '"crm.nothing"', 'database: ERROR: relation "crm.nothing" does not exist'),
            ('key = "id"', "key = ", "job.toml: Invalid value"),
        ]:
            with self.subTest(put):
                self.settings(lambda said: said.replace(found, put))
                said = self.refused()
                self.assertTrue(said.startswith("Lotline.BadSettings: "), said)
                self.assertIn(expected, said)
        self.assertEqual(self.dropped(), {})

    def test_of_the_site(self):
        self.site.sql("ALTER TABLE crm.customers RENAME balance TO amount")
        said = self.refused()
        self.assertTrue(said.startswith("Lotline.BadInput: crm.customers: found columns `id`, `full_name`, `amount`"), said)
        for name, url, password, expected in [
            ("stranger", self.site.url, "a wrong password", "Lotline.Storage: database: FATAL: password authentication failed"),
            ("nobody", "jdbc:postgresql://127.0.0.1:1/site", database.PASSWORD, "Lotline.Transient: database: Connection to 127.0.0.1:1 refused"),
        ]:
            self.connect(name, url, password)
            self.settings(lambda said: said.replace('"site"', f'"{name}"'))
            said = self.refused()
            self.assertTrue(said.startswith(expected), said)
        self.settings(lambda said: said.replace('"site"', '"nothing"'))
        self.assertTrue(self.refused().startswith("Lotline.Storage: "))

    def test_of_a_range_on_its_way(self):
        view = "CREATE VIEW crm.odd AS SELECT *, 1 / (CASE WHEN id = 1500 THEN 0 ELSE 1 END) AS one FROM crm.customers;"
        self.site.sql(view.replace("AS one", 'AS "balance "'))
        self.site.sql("DROP VIEW crm.odd; " + view.replace("SELECT *", "SELECT id, full_name, born_on, active, \"Changed_At\"").replace("AS one", "AS balance"))
        self.settings(lambda said: said.replace("crm.customers", "crm.odd"))
        said = self.refused()
        self.assertTrue(said.startswith("Lotline.Storage: database: ERROR: division by zero"), said)
        item = self.item(f"PULL#{JOB}/{SOURCE}", "AT#first")
        self.assertEqual((item["status"]["S"], item["failure"]["S"]), ("failed", said))
        self.site.sql("DELETE FROM crm.customers WHERE id = 1500")
        (report,) = self.pull()
        self.assertEqual((report["rows"], report["counted"]), (ROWS - 1, ROWS))


class Chain(OnPremise):
    """The state machine starts the job, which runs as Glue runs it, and goes on to a run over what it pulled."""

    def deploy(self):
        stack = Stack(self.emulator.endpoint, BINARIES, STACK)
        self.bucket, self.table = stack.physical("LakeBucket"), stack.physical("SettingsTable")
        self.machine, self.sfn = stack.arn("JobStateMachine"), client("stepfunctions")
        client("glue").create_job(Name="lotline-onprem", Role=stack.role, Command={"Name": "glueetl"})
        self.emulator.glue_jobs["lotline-onprem"] = self.glue

    def push(self):
        self.lotline("settings", "push", self.plain, "--stack", STACK)

    def glue(self, arguments):
        command = [sys.executable, str(GLUE / "ingest_onprem.py"), "--enable-metrics", "true"]
        done = subprocess.run([*command, *(part for pair in arguments.items() for part in pair)], capture_output=True, text=True)
        self.assertNotIn(database.PASSWORD, done.stdout + done.stderr)
        # The functions do not know these settings yet.
        self.push()
        return done.stderr.strip().splitlines()[-1] if done.returncode else None

    def ended(self, arn):
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            listed = self.sfn.list_executions(stateMachineArn=self.machine)["executions"]
            if all(execution["status"] != "RUNNING" for execution in listed):
                return self.sfn.describe_execution(executionArn=arn), listed
        self.fail(f"an execution still runs after {DEADLINE_S} s")

    def start(self):
        asked = json.dumps({"job": JOB, "engine": "glue"})
        return self.sfn.start_execution(stateMachineArn=self.machine, name="pull-1", input=asked)["executionArn"]

    def test_settings_are_read_as_the_program_writes_them(self):
        ours = self.settings()
        self.items.delete_item(TableName=self.table, Key={name: ours[name] for name in ("pk", "sk")})
        self.push()
        theirs = self.item(ours["pk"]["S"], ours["sk"]["S"])
        self.assertLessEqual(ours.keys(), theirs.keys())
        self.assertEqual(json.loads(theirs["files"]["S"]).keys(), json.loads(ours["files"]["S"]).keys())
        self.assertEqual(ours["version"], theirs["version"])
        self.assertIn("found none to pull", self.refused())

    def test_a_pull_becomes_a_run_and_its_files_start_none(self):
        execution, listed = self.ended(self.start())
        self.assertEqual(execution["status"], "SUCCEEDED", execution.get("cause"))
        output = json.loads(execution["output"])
        self.assertEqual(output["status"], "PUBLISHED")
        self.assertEqual(output["result_digest"], self.local_digest("csv", self.csv())[0])
        self.assertEqual(self.item(f"PULL#{JOB}/{SOURCE}", "AT#pull-1")["rows"]["N"], str(ROWS))
        others = [self.sfn.describe_execution(executionArn=found["executionArn"]) for found in listed]
        skipped = [other for other in others if other["executionArn"] != execution["executionArn"]]
        self.assertEqual([json.loads(other["output"]) for other in skipped], [{"status": "PULLED"}] * 4)

    def test_what_went_wrong_is_the_executions_cause(self):
        self.site.sql("DROP TABLE crm.customers")
        execution, _ = self.ended(self.start())
        self.assertEqual((execution["status"], execution["error"]), ("FAILED", "Lotline.RunFailed"))
        cause = json.loads(execution["cause"])
        self.assertEqual(cause["error"], "Lotline.BadSettings")
        self.assertIn('relation \\"crm.customers\\" does not exist', cause["cause"])


if __name__ == "__main__":
    unittest.main()
