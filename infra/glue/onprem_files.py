"""Ranges of rows as Parquet files in the lake's drop, written where Spark has them."""

import hashlib
import json
import os
import tempfile

import boto3
import pyarrow
import pyarrow.parquet
from pyspark import TaskContext

from onprem_faults import Fault, named

# Bytes of rows, as Arrow has them, above which they become a row group.
ROW_GROUP_BYTES = 64 << 20


def writer(bucket, folder, notes, parts, schema):
    """A function that makes a file of each partition of rows and notes what it is; it holds one row group.

    The envelope of a pull is the metadata of `schema`. A partition's number is its place in `parts`.
    """

    def write(batches):
        part = parts[TaskContext.get().partitionId()]
        try:
            write_part(part, batches)
        except Exception as error:
            raise named(error) from error
        yield pyarrow.RecordBatch.from_pydict({"part": pyarrow.array([part], pyarrow.int32())})

    def write_part(part, batches):
        key = f"{folder}part-{part:05}.parquet"
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            rows = write_parquet(file.name, batches, schema)
            with open(file.name, "rb") as written:
                sha256 = hashlib.file_digest(written, "sha256").hexdigest()
            s3 = boto3.client("s3")
            s3.upload_file(file.name, bucket, key)
            note_digest(s3, bucket, key, sha256)
            note = {"part": part, "key": key, "rows": rows, "bytes": os.path.getsize(file.name), "sha256": sha256}
            s3.put_object(Bucket=bucket, Key=f"{notes}{part:05}.json", Body=json.dumps(note).encode())

    return write


def write_parquet(path, batches, schema):
    """Writes batches as one file and answers its rows."""
    read, waiting, bytes_waiting = 0, [], 0
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as output:

        def flush():
            output.write_table(pyarrow.Table.from_batches(waiting).cast(schema))
            waiting.clear()

        for batch in batches:
            read += batch.num_rows
            waiting.append(batch)
            bytes_waiting += batch.nbytes
            if bytes_waiting >= ROW_GROUP_BYTES:
                flush()
                bytes_waiting = 0
        if waiting:
            flush()
    written = pyarrow.parquet.read_metadata(path).num_rows
    if written != read:
        raise Fault("Lotline.LedgerImbalance", f"read {read} rows, but wrote {written}")
    return read


def note_digest(s3, bucket, key, sha256):
    """Writes the digest of a version where planning a run looks for it, so that no function has to read the file for it."""
    version = s3.head_object(Bucket=bucket, Key=key).get("VersionId")
    if version:
        note = hashlib.sha256(f"{version}/{key}".encode()).hexdigest()
        s3.put_object(Bucket=bucket, Key=f"runs/digests/{note}", Body=sha256.encode())
