"""The deployed chain, from an upload to what readers see: the project's template, state machine and function binaries."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import duckdb
import polars
import pyarrow.parquet
import sqlglot

from appsync import AppSync, Refused
from deploy import ROOT, Stack
from emulator import Emulator
from step_functions import history

BINARIES = pathlib.Path(os.environ.get("LOTLINE_BINARIES", ROOT / "target/debug"))
STACK = "lotline"
DEADLINE_S = 120


def event(key, zipcode="94002", modified="2023-03-28T00:00:00.000Z"):
    """An open-house event as the real file has them."""
    return {
        "OpenHouseMethod": "In Person",
        "OpenHouseEndTime": "2023-04-01T23:00:00.000Z",
        "ListingKey": f"listing-{key}",
        "OpenHouseKey": key,
        "OpenHouseStartTime": "2023-04-01T20:00:00.000Z",
        "OpenHouseDate": "2023-04-01",
        "State": "CA",
        "Zipcode": zipcode,
        "DateModified": modified,
    }


def setUpModule():
    Deployed.emulator = unittest.enterModuleContext(Emulator())


class Deployed(unittest.TestCase):
    """Every test has a stack of its own in an emulator that knows no other."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.emulator.reset()
        self.stack = Stack(self.emulator.endpoint, BINARIES, STACK)
        self.s3, self.sfn = self.stack.client("s3"), self.stack.client("stepfunctions")
        self.bucket = self.stack.physical("LakeBucket")
        self.machine = self.stack.arn("JobStateMachine")

    def lotline(self, *arguments, status=0):
        """What the command prints; its messages where it is to fail."""
        keys = {"AWS_ENDPOINT_URL": self.emulator.endpoint, "AWS_REGION": "us-east-1"}
        keys |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
        command = [str(BINARIES / "lotline"), *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **keys})
        self.assertEqual(done.returncode, status, f"{command}: {done.stdout}{done.stderr}")
        return done.stderr if status == 2 else done.stdout

    def push(self, job):
        return self.lotline("settings", "push", self.job(job), "--stack", STACK)

    def job(self, job):
        """The job's folder: the test's own where it has one."""
        own = self.folder / "jobs" / job
        return own if own.exists() else ROOT / "jobs" / job

    def drop(self, job, source, name, content):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.s3.put_object(Bucket=self.bucket, Key=f"drop/{job}/{source}/{name}", Body=body)

    def executions(self):
        """Every execution so far once all have ended, in order of their start."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            found = self.sfn.list_executions(stateMachineArn=self.machine)["executions"]
            if found and all(execution["status"] != "RUNNING" for execution in found):
                arns = [execution["executionArn"] for execution in sorted(found, key=lambda found: found["startDate"])]
                return [self.sfn.describe_execution(executionArn=arn) for arn in arns]
        self.fail(f"an execution still runs after {DEADLINE_S} s")

    def last_output(self):
        last = self.executions()[-1]
        self.assertEqual(last["status"], "SUCCEEDED", last.get("cause"))
        return json.loads(last["output"])

    def local_digest(self, job, **files):
        """The digest of the same files in a lake of this machine."""
        inputs = [f"--input={source}={path}" for source, paths in files.items() for path in paths]
        receipt = self.lotline("run", self.job(job), "--lake", self.folder / "local", "--json", *inputs)
        return json.loads(receipt)["result_digest"]

    def glue_tables(self):
        found = self.stack.client("glue").get_tables(DatabaseName=self.stack.physical("LakeDatabase"))["TableList"]
        return {table["Name"]: table for table in found}

    def download(self, table):
        """The files that a Glue table points at, on this machine."""
        prefix = table["StorageDescriptor"]["Location"].removeprefix(f"s3://{self.bucket}/")
        folder = self.folder / "downloaded" / table["Name"]
        folder.mkdir(parents=True, exist_ok=True)
        for found in self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)["Contents"]:
            self.s3.download_file(self.bucket, found["Key"], str(folder / found["Key"].rsplit("/", 1)[1]))
        return str(folder / "*.parquet")

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path


class Uploads(Deployed):
    def test_open_houses_from_upload_to_readers(self):
        file = ROOT.parent / "shared/data/open_houses/openhouses.json"
        if not file.exists():
            print(f"the real file is not at {file}; a generated one is used", file=sys.stderr)
            self.lotline("generate", "open-houses", "--out", self.folder, "--rows", 2000)
            file = self.folder / "openhouses.json"
        self.assertEqual(self.push("open-houses"), "open-houses version 1 is the newest version now\n")
        self.drop("open-houses", "open_houses", "openhouses.json", file.read_bytes())
        output = self.last_output()
        self.assertEqual(output["status"], "PUBLISHED")
        self.assertEqual(output["result_digest"], self.local_digest("open-houses", open_houses=[file]))
        states = history(self.sfn, self.executions()[-1]["executionArn"])
        print("\n" + "\n".join(f"  {name:<18}{seconds:>7.3f} s" for name, seconds in states), file=sys.stderr)
        self.readers_agree()
        self.insights_are_athena_sql("open-houses", output["run_id"])
        self.every_step_is_logged(output["run_id"])

        with self.subTest("the same object again makes no second version"):
            before = self.glue_tables()
            self.drop("open-houses", "open_houses", "openhouses.json", file.read_bytes())
            self.assertEqual(self.last_output(), {**output, "status": "UNCHANGED"})
            self.assertEqual(self.glue_tables(), before)
            digests = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="runs/digests/")["KeyCount"]
            self.assertEqual(digests, 2, "each version of the file is hashed once")

        with self.subTest("a later upload is shown, and can be rolled back"):
            self.drop("open-houses", "open_houses", "more.json", [event("later")])
            later = self.last_output()
            self.assertEqual((later["status"], later["run_id"] != output["run_id"]), ("PUBLISHED", True))
            said = self.lotline("rollback", output["run_id"], "--stack", STACK)
            self.assertIn("readers see this run again", said)
            table = self.glue_tables()["open_houses"]
            self.assertTrue(table["StorageDescriptor"]["Location"].endswith(f"/{output['run_id']}/"))
            rows = self.lotline("sql", "--stack", STACK, "--json", "SELECT count(*) AS n FROM open_houses")
            self.assertEqual(str(json.loads(rows)[0]["n"]), table["Parameters"]["recordCount"])

    def readers_agree(self):
        for name, table in self.glue_tables().items():
            with self.subTest(table=name):
                files, count = self.download(table), int(table["Parameters"]["recordCount"])
                self.assertEqual(duckdb.connect().execute(f"SELECT count(*) FROM '{files}'").fetchone()[0], count)
                self.assertEqual(polars.read_parquet(files).height, count)
                schema = pyarrow.parquet.read_schema(files.replace("*", "part-00000"))
                columns = [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
                self.assertEqual(schema.names, columns)

    def insights_are_athena_sql(self, job, run_id):
        """Every insight parses as Athena's SQL and gives DuckDB the published answer."""
        connection = duckdb.connect()
        for name, table in self.glue_tables().items():
            connection.execute(f"CREATE VIEW {name} AS FROM '{self.download(table)}'")
        body = self.s3.get_object(Bucket=self.bucket, Key=f"insights/{job}/{run_id}.json")["Body"].read()
        published = json.loads(body)["insights"]
        for path in sorted((ROOT / "jobs" / job / "insights").glob("*.sql")):
            with self.subTest(insight=path.stem):
                query = sqlglot.transpile(path.read_text(), read="athena", write="duckdb")[0]
                rows = connection.execute(query).fetchall()
                texts = [[str(value).removesuffix(" 00:00:00") for value in row] for row in rows]
                self.assertEqual([[str(value) for value in row.values()] for row in published[path.stem]], texts)

    def every_step_is_logged(self, run_id):
        lines = [line for line in self.emulator.host.lines() if line.get("correlation_id") == run_id]
        stages = {line["stage"] for line in lines}
        self.assertLessEqual({"ingest.file", "validate.chunk", "validate.table", "summarize", "publish"}, stages)
        rows = next(line for line in lines if line["stage"] == "validate.table")
        self.assertEqual(rows["RowsRead"], rows["RowsAccepted"] + rows["RowsSuperseded"] + rows["RowsDuplicate"] + rows["RowsQuarantined"])
        for line in lines:
            named = [metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
            self.assertTrue(all(isinstance(line[name], (int, float)) for name in named), line)

    def test_properties_wait_for_both_sources_and_are_linked_as_on_one_machine(self):
        out = self.folder / "properties"
        self.lotline("generate", "properties", "--out", out, "--rows", 600)
        self.push("properties")
        self.drop("properties", "assessor", "assessor.csv", (out / "assessor.csv").read_bytes())
        self.assertEqual(self.last_output(), {"status": "WAITING", "missing": ["listings"]})
        self.emulator.host.faults[self.stack.physical("LinkFunction")] = ["kill"]
        self.drop("properties", "listings", "listings.csv", (out / "listings.csv").read_bytes())
        output = self.last_output()
        local = self.local_digest("properties", assessor=[out / "assessor.csv"], listings=[out / "listings.csv"])
        self.assertEqual((output["status"], output["result_digest"]), ("PUBLISHED", local))
        self.readers_agree()

    def test_large_blocks_are_left_out_as_on_one_machine(self):
        out, job = self.folder / "properties", self.folder / "jobs" / "properties"
        self.lotline("generate", "properties", "--out", out, "--rows", 300)
        shutil.copytree(ROOT / "jobs" / "properties", job)
        settings = (job / "job.toml").read_text()
        (job / "job.toml").write_text(settings.replace("\n[link]\n", "\n[link]\nmax_block_pairs = 4\n"))
        files = {source: out / f"{source}.csv" for source in ("assessor", "listings")}
        whole = json.loads(self.lotline("run", ROOT / "jobs" / "properties", "--lake", self.folder / "whole", "--json",
                                        *(f"--input={source}={path}" for source, path in files.items())))
        self.push("properties")
        for source, path in files.items():
            self.drop("properties", source, path.name, path.read_bytes())
            output = self.last_output()
        local = self.local_digest("properties", **{source: [path] for source, path in files.items()})
        self.assertEqual((output["status"], output["result_digest"]), ("PUBLISHED", local))
        self.assertNotEqual(local, whole["result_digest"])

    def test_two_uploads_at_once_both_land(self):
        self.push("open-houses")
        parts = {name: [event(f"{name}-{number}") for number in range(50)] for name in ("one", "two")}
        with ThreadPoolExecutor() as pool:
            drop = lambda name: self.drop("open-houses", "open_houses", f"{name}.json", parts[name])
            list(pool.map(drop, parts))
        self.executions()
        rows = self.lotline("sql", "--stack", STACK, "--json", "SELECT count(*) AS n FROM open_houses")
        self.assertEqual(json.loads(rows), [{"n": 100}])
        files = [self.write(f"{name}.json", events) for name, events in parts.items()]
        runs = json.loads(self.lotline("sql", "--stack", STACK, "--json", "SELECT count(*) AS n FROM open_houses_quarantine"))
        self.assertEqual(runs, [{"n": 0}])
        digests = [json.loads(found["output"]).get("result_digest") for found in self.executions()]
        self.assertIn(self.local_digest("open-houses", open_houses=files), digests)


    def test_a_file_replaced_during_a_run_is_read_as_it_was_planned(self):
        self.push("open-houses")
        old, new = ([event(f"{name}-{number}") for number in range(20)] for name in ("old", "new"))
        replace = [lambda: self.drop("open-houses", "open_houses", "events.json", new)]
        self.emulator.host.faults[self.stack.physical("ValidateFunction")] = replace
        self.drop("open-houses", "open_houses", "events.json", old)
        digests = {json.loads(found["output"])["result_digest"] for found in self.executions()}
        files = [self.write(f"{name}.json", events) for name, events in (("old", old), ("new", new))]
        self.assertEqual(digests, {self.local_digest("open-houses", open_houses=[file]) for file in files})
        seen = self.lotline("sql", "--stack", STACK, "--json", "SELECT DISTINCT substr(open_house_key, 1, 3) AS k FROM open_houses")
        self.assertEqual(json.loads(seen), [{"k": "new"}])

    def test_a_finished_run_is_shown_again_without_its_steps(self):
        self.push("open-houses")
        self.drop("open-houses", "open_houses", "events.json", [event("one")])
        run_id = self.last_output()["run_id"]
        for found in self.s3.list_objects_v2(Bucket=self.bucket, Prefix=f"runs/{run_id}/")["Contents"]:
            self.s3.delete_object(Bucket=self.bucket, Key=found["Key"])
        self.lotline("runs", "start", "open-houses", "--stack", STACK, "--watch")
        self.assertEqual(self.last_output()["status"], "UNCHANGED")


class Failures(Deployed):
    def test_killed_processes_are_retried_to_the_same_result(self):
        self.push("open-houses")
        for function in ("IngestFunction", "ValidateFunction", "SummarizeFunction", "PublishFunction"):
            self.emulator.host.faults[self.stack.physical(function)] = ["kill", "Lotline.Transient"]
        events = [event(f"key-{number}") for number in range(200)]
        self.drop("open-houses", "open_houses", "events.json", events)
        output = self.last_output()
        self.assertEqual(output["status"], "PUBLISHED")
        self.assertFalse(any(self.emulator.host.faults.values()))
        file = self.write("events.json", events)
        self.assertEqual(output["result_digest"], self.local_digest("open-houses", open_houses=[file]))

    def test_a_poisoned_file_ends_in_a_recorded_failure(self):
        self.push("open-houses")
        self.drop("open-houses", "open_houses", "poison.json", {"not": "an array"})
        execution = self.executions()[-1]
        self.assertEqual((execution["status"], execution["error"]), ("FAILED", "Lotline.RunFailed"))
        listed = self.lotline("runs", "list", "--stack", STACK)
        run_id = listed.splitlines()[2].split()[0]
        run = json.loads(self.lotline("runs", "status", run_id, "--stack", STACK))
        self.assertEqual((run["status"], run["receipt"]["error"]), ("failed", "Lotline.BadInput"))
        self.assertIn("expected the array of records", run["receipt"]["cause"])
        failed = [line for line in self.emulator.host.lines() if line.get("StepsFailed")]
        self.assertEqual([(line["stage"], line["error"]) for line in failed], [("ingest.file", "Lotline.BadInput")])
        self.assertEqual(self.glue_tables(), {})

    def test_a_failed_run_goes_on_where_it_stopped(self):
        self.push("open-houses")
        self.emulator.host.faults[self.stack.physical("SummarizeFunction")] = ["Lotline.Storage"]
        self.drop("open-houses", "open_houses", "events.json", [event("one")])
        self.assertEqual(self.executions()[-1]["status"], "FAILED")
        run_id = self.lotline("runs", "list", "open-houses", "--stack", STACK).splitlines()[2].split()[0]
        reports = self.reports(run_id)
        self.assertIn("validate/open_houses/table.json", reports)
        said = self.lotline("runs", "redrive", run_id, "--stack", STACK, "--watch")
        self.assertIn('"PUBLISHED"', said)
        self.assertLessEqual(reports.items(), self.reports(run_id).items(), "what was done is not done again")
        refused = self.lotline("runs", "redrive", run_id, "--stack", STACK, status=2)
        self.assertIn(f"run `{run_id}`, which is `succeeded`, expected a run that failed", refused)

    def reports(self, run_id):
        """When every step of a run was done."""
        prefix = f"runs/{run_id}/reports/"
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)["Contents"]
        return {report["Key"].removeprefix(prefix): (report["ETag"], report["LastModified"]) for report in found}

    def test_an_upload_for_no_job_fails_with_the_jobs_there_are(self):
        self.push("open-houses")
        self.drop("open-house", "open_houses", "events.json", [])
        execution = self.executions()[-1]
        self.assertIn("job: found `open-house`, expected a job with settings: `open-houses`", json.loads(execution["cause"])["cause"])


class Api(Deployed):
    """The resolver's binary behind a GraphQL server that asks as AppSync does."""

    def ask(self, event):
        answered = self.stack.client("lambda").invoke(
            FunctionName=self.stack.physical("ResolverFunction"), Payload=json.dumps(event)
        )
        answer = json.loads(answered["Payload"].read())
        if "FunctionError" in answered:
            raise Refused(answer["errorType"], answer["errorMessage"])
        return answer

    def data(self, server, query):
        answer = server.execute(query)
        self.assertNotIn("errors", answer, query)
        return next(iter(answer["data"].values()))

    def test_a_graphql_server_a_client_and_batches_are_answered(self):
        out = self.folder / "properties"
        self.lotline("generate", "properties", "--out", out, "--rows", 300)
        self.push("properties")
        for source in ("assessor", "listings"):
            self.drop("properties", source, f"{source}.csv", (out / f"{source}.csv").read_bytes())
            published = self.last_output()
        self.assertEqual(published["status"], "PUBLISHED")
        with AppSync((ROOT / "infra/schema.graphql").read_text(), self.ask) as server:
            ids = self.data(server, "{ propertyIds(first: 1000) { nodes } }")["nodes"]
            local = json.loads(self.lotline("sql", "--stack", STACK, "--json", "SELECT id_l, id_r, match_weight FROM properties_links ORDER BY 1"))
            self.assertEqual(ids, [link["id_l"] for link in local])
            link = local[len(local) // 2]
            asked = f'{{ property(id: "{link["id_l"]}") {{ listingId matchWeight parcel {{ zip }} }} }}'
            found = self.data(server, asked)
            self.assertEqual((found["listingId"], found["matchWeight"]), (link["id_r"], link["match_weight"]))
            row = json.loads(self.lotline("sql", "--stack", STACK, "--json", f"SELECT * FROM listings WHERE listing_key = '{link['id_r']}'"))[0]
            record = json.dumps(json.dumps(row))
            matches = self.data(server, f'{{ match(job: "properties", record: {record}) {{ id matchWeight }} }}')
            self.assertIn({"id": link["id_l"], "matchWeight": link["match_weight"]}, matches)
            refused = server.execute('{ links(job: "nobody") { nodes { idL } } }')
            self.assertEqual(refused["errors"][0]["errorType"], "NOT_FOUND")
            run = self.data(server, '{ runs(job: "properties") { nodes { id status published } } }')["nodes"][0]
            self.assertEqual(run, {"id": published["run_id"], "status": "SUCCEEDED", "published": True})
            said = f'mutation {{ label(job: "properties", idL: "{link["id_l"]}", idR: "{link["id_r"]}", verdict: LINK) {{ by }} }}'
            self.assertEqual(self.data(server, said), {"by": "reader"})

            client = [BINARIES / "lotline-client", "--endpoint", server.url, "--auth", "none", "--page-size", "50"]
            done = subprocess.run([*client, "--out", self.folder / "summary.json"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

            upload = self.data(server, 'mutation { uploadUrl(job: "properties", source: "assessor", file: "again.csv") { url key } }')
            put = urllib.request.Request(upload["url"], b"parcel_id\n", {"Content-Type": "text/csv"}, method="PUT")
            urllib.request.urlopen(put)
            self.assertNotIn("checksum", upload["url"].lower())
            self.assertEqual(self.s3.get_object(Bucket=self.bucket, Key=upload["key"])["Body"].read(), b"parcel_id\n")
            before = len(self.executions())
            started = self.data(server, 'mutation { startRun(job: "properties") { execution } }')
            self.assertIn(self.machine.rsplit(":", 1)[1], started["execution"])
            self.assertGreater(len(self.executions()), before)

        info = {"fieldName": "property", "parentTypeName": "Query", "selectionSetList": ["id"]}
        batch = [{"arguments": {"id": wanted}, "info": info} for wanted in (ids[0], "none", ids[1])]
        answers = self.ask(batch)
        self.assertEqual([answer["data"] and answer["data"]["id"] for answer in answers], [ids[0], None, ids[1]])
        self.assertEqual(self.ask([{"info": {"fieldName": "nothing"}}])[0]["errorType"], "BAD_REQUEST")


class Checks(Deployed):
    """Every finding of the doctor, provoked and put right."""

    def setUp(self):
        super().setUp()
        self.push("open-houses")

    def found(self, status=1):
        """What the doctor does not find well: a sign and words by the check's name."""
        lines = self.lotline("doctor", "--stack", STACK, status=status).splitlines()
        findings = {line[13:27].strip(): (line[:12].strip(), line[28:]) for line in lines}
        return {name: finding for name, finding in findings.items() if finding[0] != "ok"}

    def assert_wrong(self, check, words):
        """The doctor finds this one thing wrong."""
        found = self.found()
        self.assertEqual([(name, sign) for name, (sign, _) in found.items()], [(check, "WRONG")])
        self.assertIn(words, found[check][1])

    def test_a_stack_that_has_run_is_well(self):
        self.drop("open-houses", "open_houses", "events.json", [event("one")])
        self.assertEqual(self.last_output()["status"], "PUBLISHED")
        said = self.lotline("doctor", "--stack", STACK)
        self.assertIn("2 tables, all of them as Athena sees them", said)
        self.assertIn("lotline-uploadrule is enabled and starts the state machine", said)
        self.assertIn("none in lotline-failed-starts", said)
        self.assertIn("the account runs 1000 functions at once; a step of a run asks for up to 200", said)
        self.assertEqual(self.found(status=0), {})
        self.stack.client("glue").delete_table(DatabaseName=self.stack.physical("LakeDatabase"), Name="open_houses")
        self.assert_wrong("tables", "Athena does not see the published version of `open_houses`; start the job again")

    def test_no_settings_and_a_silent_bucket(self):
        self.stack.client("dynamodb").delete_table(TableName=self.stack.physical("SettingsTable"))
        self.s3.put_bucket_notification_configuration(Bucket=self.bucket, NotificationConfiguration={})
        found = self.found()
        self.assertEqual(list(found), ["uploads", "settings", "tables", "running", "last runs"])
        self.assertIn("tells EventBridge nothing, so that no upload starts a run", found["uploads"][1])

    def test_a_rule_that_starts_nothing(self):
        events, rule = self.stack.client("events"), self.stack.physical("UploadRule")
        targets = events.list_targets_by_rule(Rule=rule)["Targets"]
        events.disable_rule(Name=rule)
        enable = f"`aws events enable-rule --name {rule}`"
        self.assert_wrong("upload rule", f"`{rule}` is disabled, so that no upload starts a run; {enable}")
        events.enable_rule(Name=rule)
        self.assertEqual(self.found(status=0), {})
        events.remove_targets(Rule=rule, Ids=[target["Id"] for target in targets])
        self.assert_wrong("upload rule", f"`{rule}` does not start the state machine")
        events.delete_rule(Name=rule)
        self.assert_wrong("upload rule", f"`{rule}` is gone")

    def test_a_schedule_that_starts_nothing(self):
        self.emulator.reset()
        parameters = {"ScheduleExpression": "rate(1 day)", "ScheduledJob": "open-houses"}
        self.stack = Stack(self.emulator.endpoint, BINARIES, STACK, **parameters)
        self.push("open-houses")
        self.assertIn("lotline-job starts the state machine by rate(1 day)", self.lotline("doctor", "--stack", STACK))
        scheduler, name = self.stack.client("scheduler"), {"Name": "lotline-job", "GroupName": STACK}
        found = scheduler.get_schedule(**name)
        schedule = name | {key: found[key] for key in ("ScheduleExpression", "FlexibleTimeWindow", "Target")}
        scheduler.update_schedule(**schedule, State="DISABLED")
        self.assert_wrong("schedule", "`lotline-job` is disabled, so that nothing runs on time")
        other = schedule["Target"] | {"Arn": self.stack.arn("LinkFunction")}
        scheduler.update_schedule(**schedule | {"Target": other})
        self.assert_wrong("schedule", "`lotline-job` does not start the state machine")
        scheduler.update_schedule(**schedule, State="ENABLED")
        self.assertEqual(self.found(status=0), {})
        scheduler.delete_schedule(**name)
        self.assert_wrong("schedule", "`lotline-job` is gone")

    def test_starts_that_failed(self):
        sqs = self.stack.client("sqs")
        queue = sqs.get_queue_url(QueueName="lotline-failed-starts")["QueueUrl"]
        for number in range(2):
            sqs.send_message(QueueUrl=queue, MessageBody=str(number))
        self.assert_wrong("failed starts", "about 2 in the queue `lotline-failed-starts`; start their jobs and empty it")
        sqs.purge_queue(QueueUrl=queue)
        self.assertEqual(self.found(status=0), {})

    def test_a_run_left_by_its_execution(self):
        def stop():
            execution, = self.sfn.list_executions(stateMachineArn=self.machine, statusFilter="RUNNING")["executions"]
            self.sfn.stop_execution(executionArn=execution["executionArn"])

        def leave(name):
            self.emulator.host.faults[self.stack.physical("ValidateFunction")] = [stop]
            self.drop("open-houses", "open_houses", name, [event(name)])
            self.assertEqual(self.executions()[-1]["status"], "ABORTED")
            run_id = self.lotline("runs", "list", "--stack", STACK).splitlines()[2].split()[0]
            redrive = f"runs redrive {run_id} --stack {STACK}"
            self.assert_wrong("running", f"1 recorded as running without an execution; `lotline {redrive}`")
            return redrive.split()

        self.lotline(*leave("one.json"), "--watch")
        self.assertEqual(self.found(status=0), {})
        leave("two.json")
        self.drop("open-houses", "open_houses", "three.json", [event("three")])
        self.assertEqual(self.last_output()["status"], "PUBLISHED")
        self.assertIn("1 without, whose jobs have run since", self.lotline("doctor", "--stack", STACK))

    def test_a_quota_below_what_the_template_asks_for(self):
        quota = ("lambda", "L-B99A9384")
        self.emulator.quotas[quota] = 10.0
        self.assert_wrong("quotas", "the account runs 10 functions at once; a step of a run asks for up to 200; have Lambda's")
        del self.emulator.quotas[quota]
        sign, words = self.found(status=0)["quotas"]
        self.assertEqual(sign, "not checked")
        self.assertIn("how many functions the account may run at once: the quota cannot be read", words)
        self.emulator.quotas[quota] = 200.0
        self.assertEqual(self.found(status=0), {})


class SettingsOfAStack(Deployed):
    def test_versions_are_pushed_pulled_compared_and_kept(self):
        self.push("open-houses")
        self.assertEqual(self.push("open-houses"), "open-houses version 1 is the newest version already\n")
        pulled = self.folder / "pulled"
        self.lotline("settings", "pull", "open-houses", "--stack", STACK, "--out", pulled)
        self.assertEqual(self.lotline("settings", "diff", pulled, "--stack", STACK), "")
        settings = pulled / "job.toml"
        settings.write_text(settings.read_text() + "\nover_limit = \"never\"\n")
        refused = self.lotline("settings", "push", pulled, "--stack", STACK, status=2)
        self.assertIn("job.toml", refused)
        settings.write_text((ROOT / "jobs/open-houses/job.toml").read_text() + "\n# One more line.\n")
        slip = pulled / "insights/slip.sql"
        slip.write_text("SELECT absent FROM open_houses")
        refused = self.lotline("settings", "push", pulled, "--stack", STACK, status=2)
        self.assertIn("insights/slip.sql: no such column: absent; there are tables", refused)
        slip.unlink()
        self.assertIn("+# One more line.", self.lotline("settings", "diff", pulled, "--stack", STACK, status=1))
        self.assertIn("version 2", self.lotline("settings", "push", pulled, "--stack", STACK, "--seen", 1))
        stale = self.lotline("settings", "push", "jobs/open-houses", "--stack", STACK, "--seen", 1, status=2)
        self.assertIn("found version 2, expected version 1", stale)
        kept = self.lotline("settings", "history", "open-houses", "--stack", STACK).splitlines()
        self.assertEqual(kept[0], "version 2: job.toml")
        self.assertEqual(self.lotline("settings", "history", "--stack", STACK), "open-houses\n")


if __name__ == "__main__":
    unittest.main()
