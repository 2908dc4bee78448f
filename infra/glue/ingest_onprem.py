"""The Glue job that pulls tables of an on-premise database into the lake's drop, by ranges of a key and in parallel.

    ingest_onprem.py --job crm --pull_id <name of the execution> --lake s3://<bucket> --table <settings table>

It pulls every source of the job whose settings say `engine = "glue"`; settings and table structures are those that
`lotline settings push` wrote to DynamoDB. A range of a source becomes one file,

    drop/<job>/<source>/pulled/<ticket>/part-00000.parquet

with the envelope of the pull in its metadata. A pull that is made again under its id goes on with the ranges that are
not done. Once all are there, files of earlier pulls leave the drop, so that it holds the table once.

It runs on Glue 5 (Spark 3.5, Python 3.11) and needs nothing that Glue does not have.
"""

import argparse
import json

from pyspark.sql import SparkSession

from onprem_database import Relation
from onprem_faults import named
from onprem_pull import Lake, Pull
from onprem_settings import glue_sources

# Rows that Spark hands over at once.
BATCH_ROWS = 10_000


def arguments(given=None):
    """Our arguments among those that Glue adds."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("job", "pull_id", "lake", "table"):
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_known_args(given)[0]


def spark():
    builder = SparkSession.builder.config("spark.sql.session.timeZone", "UTC")
    return builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", BATCH_ROWS).getOrCreate()


def run(session, job, pull_id, lake, table):
    """Pulls the sources of a job one after another, and answers a report of each.

    Raises a `Fault`, of whatever went wrong.
    """
    try:
        lake = Lake(lake, table)
        version, files = lake.settings(job)
        sources = glue_sources(f"{job} (settings version {version})", files)
        pulls = [(Pull(lake, job, source, pull_id), Relation(session, said)) for source, said in sources.items()]
        return [pull.run(version, relation) for pull, relation in pulls]
    except Exception as error:
        raise named(error) from error


def main():
    for report in run(spark(), **vars(arguments())):
        counts = {name: value for name, value in report.items() if name != "files"}
        print(json.dumps({"level": "INFO", "message": "source pulled", "service": "lotline"} | counts), flush=True)


if __name__ == "__main__":
    main()
