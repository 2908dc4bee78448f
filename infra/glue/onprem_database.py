"""A table or view of an on-premise database, read by ranges of a key of whole numbers."""

import json

import boto3
from pyspark.sql.types import ByteType, DecimalType, IntegerType, LongType, ShortType

from onprem_faults import Fault
from onprem_settings import accepted

MAX_RANGES = 4_096
# Rows that the database hands over at once.
FETCHED_ROWS = 10_000


class Relation:
    """A relation behind a Glue connection, which says where the database is and which secret opens it."""

    def __init__(self, session, settings):
        self.session, self.settings, self.name = session, settings, settings["relation"]
        connection = boto3.client("glue").get_connection(Name=settings["connection"])["Connection"]["ConnectionProperties"]
        secret = boto3.client("secretsmanager").get_secret_value(SecretId=connection["SECRET_ID"])
        login = json.loads(secret["SecretString"])
        self.url = connection["JDBC_CONNECTION_URL"]
        self.properties = {"user": login["username"], "password": login["password"], "fetchsize": str(FETCHED_ROWS)}
        self.schema = self.read(self.name).schema
        self.key = self.whole_number(self.schema[self.place([settings["key"]])])
        self.columns = [self.schema[self.place(accepted(column))].name for column in settings["columns"]]

    def read(self, relation, **arguments):
        return self.session.read.jdbc(self.url, relation, properties=self.properties, **arguments)

    def rows(self, predicates):
        """The columns of the table structure, one partition a predicate."""
        return self.read(self.name, predicates=predicates).select([f"`{column}`" for column in self.columns])

    def place(self, names):
        """Place of the first of the names that the relation has, spelled alike or but for case."""
        found = self.schema.names
        for name in names:
            for fold in (str, str.lower):
                for place, other in enumerate(found):
                    if fold(other) == fold(name):
                        return place
        wanted, choices = ("`, `".join(parts) for parts in (names, found))
        raise Fault("Lotline.BadInput", f"{self.name}: found columns `{choices}`, expected `{wanted}`")

    def whole_number(self, field):
        whole = isinstance(field.dataType, (ByteType, ShortType, IntegerType, LongType))
        if whole or isinstance(field.dataType, DecimalType) and field.dataType.scale == 0:
            return field
        found = f"`{field.name}` of type `{field.dataType.simpleString()}`"
        raise Fault("Lotline.BadSettings", f"{self.name}: found the key {found}, expected whole numbers")

    def quoted_key(self):
        dialects = self.session._jvm.org.apache.spark.sql.jdbc.JdbcDialects
        return dialects.get(self.url).quoteIdentifier(self.key.name)

    def extent(self):
        """Least and greatest key, none without rows, how many rows there are, and into how many ranges they are cut."""
        key = self.quoted_key()
        query = f"SELECT min({key}) AS least, max({key}) AS greatest, count(*) AS counted FROM {self.name}"
        row = self.read(f"({query}) extent").first()
        least, greatest = (None if row[side] is None else int(row[side]) for side in ("least", "greatest"))
        ranges = 1 if least is None else min(-(-int(row["counted"]) // self.settings["rows_a_range"]), MAX_RANGES)
        return {"least": least, "greatest": greatest, "counted": int(row["counted"]), "ranges": ranges}

    def predicates(self, extent):
        """The ranges as SQL: the first has all below it and rows without a key, the last all above it."""
        key, bounds = self.quoted_key(), range_bounds(extent)
        if not bounds:
            return ["1 = 1"]
        inner = [f"{key} >= {low} AND {key} < {high}" for low, high in zip(bounds, bounds[1:])]
        return [f"{key} < {bounds[0]} OR {key} IS NULL", *inner, f"{key} >= {bounds[-1]}"]


def range_bounds(extent):
    """Keys at which the ranges after the first begin."""
    ranges = int(extent["ranges"])
    if ranges < 2:
        return []
    least, width = int(extent["least"]), int(extent["greatest"]) - int(extent["least"]) + 1
    return sorted({least + width * number // ranges for number in range(1, ranges)} - {least})
