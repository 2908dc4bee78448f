"""One pull of one source: planned once, gone on with after a failure, and shown in place of earlier ones at its end."""

import json
import time
from datetime import datetime, timezone

import boto3
from pyspark.sql.pandas.types import to_arrow_schema

from onprem_faults import Fault, named
from onprem_files import writer

# How long a pull is remembered: as long as a run.
KEPT_S = 400 * 24 * 60 * 60


class Lake:
    """The bucket and the table, whose items `shared/store/src/aws/item.rs` lists."""

    def __init__(self, lake, table):
        self.bucket, self.name = lake.removeprefix("s3://").rstrip("/"), table
        self.s3, self.table = boto3.client("s3"), boto3.resource("dynamodb").Table(table)

    def item(self, pk, sk):
        return self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")

    def settings(self, job):
        """The newest settings of a job: their version and its files."""
        item = self.item(f"JOB#{job}", "SETTINGS")
        if item is None:
            raise Fault("Lotline.BadRequest", f"job: found `{job}`, expected a job with settings in `{self.name}`")
        return int(item["version"]), json.loads(item["files"])

    def ticket(self):
        """A number greater than any before, of the counter that runs take theirs from."""
        updated = self.table.update_item(
            Key={"pk": "COUNTER", "sk": "TICKETS"},
            UpdateExpression="ADD #last :one",
            ExpressionAttributeNames={"#last": "last"},
            ExpressionAttributeValues={":one": 1},
            ReturnValues="UPDATED_NEW",
        )
        return int(updated["Attributes"]["last"])

    def put_if(self, item, condition, **values):
        """Writes an item where the condition holds, and says whether it did."""
        values = {"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}
        try:
            self.table.put_item(Item=item, ConditionExpression=condition, **values)
        except self.table.meta.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def keys(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def remove(self, keys):
        for first in range(0, len(keys), 1000):
            objects = [{"Key": key} for key in keys[first : first + 1000]]
            self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True})


class Pull:
    """A pull of a source under an id, which names the same pull whenever it is made again."""

    def __init__(self, lake, job, source, pull_id):
        self.lake, self.job, self.source, self.pull_id = lake, job, source, pull_id
        self.key = {"pk": f"PULL#{job}/{source}", "sk": f"AT#{pull_id}"}
        self.drop, self.notes = f"drop/{job}/{source}/pulled/", f"runs/pulls/{pull_id}/{source}/"

    def run(self, version, relation):
        """Pulls what is not pulled yet, and answers the report."""
        try:
            plan = self.plan(version, relation)
            self.write(plan, relation)
            return self.finish(plan)
        except Exception as error:
            fault = named(error)
            self.record("failed", failure=str(fault)[:2000])
            raise fault from error

    def plan(self, version, relation):
        """How the source is cut and under which ticket: as it was when the pull was first made."""
        found = self.lake.item(**self.key)
        if found is None or "ticket" not in found:
            now = int(time.time())
            item = self.key | relation.extent() | {
                "job": self.job,
                "pull_id": self.pull_id,
                "ticket": self.lake.ticket(),
                "settings_version": version,
                "relation": relation.name,
                "pulled_at": datetime.fromtimestamp(now, timezone.utc).isoformat(),
                "expires_at": now + KEPT_S,
                "status": "running",
            }
            self.lake.put_if(item, "attribute_not_exists(ticket)")
            found = self.lake.item(**self.key)
        return found

    def folder(self, plan):
        return f"{self.drop}{int(plan['ticket']):012}/"

    def done(self):
        """What is noted of the ranges that are done, in their order."""
        bucket, keys = self.lake.bucket, self.lake.keys(f"{self.notes}parts/")
        return [json.load(self.lake.s3.get_object(Bucket=bucket, Key=key)["Body"]) for key in sorted(keys)]

    def write(self, plan, relation):
        """Pulls the ranges that are not done, so many at once as the settings say."""
        predicates, done = relation.predicates(plan), {note["part"] for note in self.done()}
        left = [part for part in range(len(predicates)) if part not in done]
        readers = relation.settings["readers"]
        for parts in (left[first : first + readers] for first in range(0, len(left), readers)):
            rows = relation.rows([predicates[part] for part in parts])
            schema = to_arrow_schema(rows.schema).with_metadata(self.envelope(plan))
            write = writer(self.lake.bucket, self.folder(plan), f"{self.notes}parts/", parts, schema)
            rows.mapInArrow(write, "part int").collect()

    def envelope(self, plan):
        """What every file of the pull says of where it comes from."""
        names = ("job", "pull_id", "settings_version", "relation", "pulled_at")
        return {"lotline.source": self.source} | {f"lotline.{name}": str(plan[name]) for name in names}

    def finish(self, plan):
        """Makes this the pull whose files are in the drop, unless a later one is; writes and answers the report."""
        ticket, own = plan["ticket"], self.folder(plan)
        current = {"pk": self.key["pk"], "sk": "CURRENT", "ticket": ticket, "pull_id": self.pull_id}
        newest = self.lake.put_if(current, "attribute_not_exists(pk) OR ticket <= :ticket", ticket=ticket)
        dropped = self.lake.keys(self.drop)
        self.lake.remove([key for key in dropped if (key < own if newest else key.startswith(own))])
        files = self.done()
        counts = {"rows": sum(file["rows"] for file in files), "bytes": sum(file["bytes"] for file in files)}
        said = {"job": self.job, "source": self.source, "pull_id": self.pull_id, "pulled_at": plan["pulled_at"]}
        said |= {name: int(plan[name]) for name in ("ticket", "settings_version", "counted")}
        report = said | counts | {"superseded": not newest, "files": files}
        body = json.dumps(report, indent=2).encode()
        self.lake.s3.put_object(Bucket=self.lake.bucket, Key=f"{self.notes}report.json", Body=body)
        self.record("succeeded", **counts, parts=len(files))
        return report

    def record(self, status, **values):
        """Says in the table how the pull stands."""
        values = {"status": status} | values
        self.lake.table.update_item(
            Key=self.key,
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
        )
