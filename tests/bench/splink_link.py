"""Links the generated property tables with Splink on DuckDB, as a careful user would set it up.

From CSV files to one-to-one links in Parquet; prints one JSON line with time, memory and counts.
Rules, comparisons and levels are those of `link/job.toml`, in the same order.
"""

import argparse
import json
import os
import resource
import tempfile
import time

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from quality import score_links

THRESHOLD = 0.9

# The share of matches that disagree where they never should.
DECISIVE = 1e-6

# Where each side has what is compared.
ASSESSOR = {
    "unique_id": "parcel_id",
    "address": "situs_address",
    "unit": "unit",
    "owner": "owner",
    "zip": "zip",
    "beds": "bedrooms",
    "baths": "bathrooms",
    "sqft": "living_sqft",
    "built": "year_built",
    "value": "assessed_value",
}
LISTINGS = {
    "unique_id": "listing_key",
    "address": "address",
    "unit": "NULL",
    "owner": "owner_name",
    "zip": "postal_code",
    "beds": "beds",
    "baths": "baths",
    "sqft": "sqft",
    "built": "built",
    "value": "est_value",
}

# Words of an address and how they are written here.
SUFFIXES = {
    "ALLEY": "ALY",
    "AVENUE": "AVE",
    "BOULEVARD": "BLVD",
    "CIRCLE": "CIR",
    "COURT": "CT",
    "DRIVE": "DR",
    "HIGHWAY": "HWY",
    "LANE": "LN",
    "PARKWAY": "PKWY",
    "PLACE": "PL",
    "ROAD": "RD",
    "SQUARE": "SQ",
    "STREET": "ST",
    "TERRACE": "TER",
    "WAY": "WAY",
}
DIRECTIONS = {
    "NORTH": "N",
    "SOUTH": "S",
    "EAST": "E",
    "WEST": "W",
    "NORTHEAST": "NE",
    "NORTHWEST": "NW",
    "SOUTHEAST": "SE",
    "SOUTHWEST": "SW",
}
ORDINALS = {
    "FIRST": "1",
    "SECOND": "2",
    "THIRD": "3",
    "FOURTH": "4",
    "FIFTH": "5",
    "SIXTH": "6",
    "SEVENTH": "7",
    "EIGHTH": "8",
    "NINTH": "9",
    "TENTH": "10",
}


def comparison(name, *levels, else_level=None):
    """A comparison with a null level before its levels and an else level behind them."""
    return cl.CustomComparison([cll.NullLevel(name), *levels, else_level or cll.ElseLevel()], output_column_name=name)


RULES = [
    block_on("house", "suffix", "zip"),
    block_on("house", "street", "beds"),
    block_on("house", "suffix", "built"),
    block_on("house", "owner"),
    block_on("owner", "zip"),
    block_on("street", "zip", "built"),
]
COMPARISONS = [
    comparison(
        "house",
        cll.ExactMatchLevel("house"),
        cll.And(cll.AbsoluteDifferenceLevel("house", 8), cll.CustomLevel("house_l % 2 = house_r % 2")),
    ),
    cl.JaroWinklerAtThresholds("street", 0.88),
    cl.ExactMatch("direction"),
    cl.ExactMatch("suffix"),
    # Two units of one building are never the same home: `decisive` in the job.
    comparison(
        "unit",
        cll.ExactMatchLevel("unit").configure(m_probability=1 - DECISIVE, fix_m_probability=True),
        else_level=cll.ElseLevel().configure(m_probability=DECISIVE, fix_m_probability=True),
    ),
    cl.ExactMatch("zip"),
    comparison(
        "owner",
        cll.ExactMatchLevel("owner"),
        cll.JaroWinklerLevel("owner", 0.9),
        cll.ArrayIntersectLevel("owner_words", 1),
    ),
    comparison("sqft", cll.PercentageDifferenceLevel("sqft", 0.05)),
    cl.ExactMatch("baths"),
    comparison("value", cll.PercentageDifferenceLevel("value", 0.2)),
]


def clean(con, table, path, columns):
    """Reads a CSV file into a table of comparable columns, the same columns for both sides."""
    written = ", ".join(f"{column} AS {name}" for name, column in columns.items())
    suffix = "|".join([*SUFFIXES, *SUFFIXES.values()])
    direction = "|".join([*DIRECTIONS, *DIRECTIONS.values()])
    # NORTH AVE is named after a direction, N MAIN ST has one.
    street = f"(?:({direction}) ({suffix})|(?:({direction}) )?(.+?)(?: ({suffix}))?)"
    address = rf"^(?:(\d+) )?{street}(?: (?:APT|UNIT|STE|SUITE) ([A-Z0-9]+))?$"
    con.execute(rf"""
        CREATE TABLE {table} AS
        WITH plain AS (
            SELECT * REPLACE (
                trim(regexp_replace(replace(replace(upper(address), '''', ''), '#', ' APT '), '[^A-Z0-9]+', ' ', 'g'))
                    AS address,
                list_sort(regexp_extract_all(replace(upper(owner), '''', ''), '[A-Z]{{2,}}')) AS owner
            )
            FROM (SELECT {written} FROM read_csv('{path}', all_varchar = true))
        ), parsed AS (
            SELECT * EXCLUDE (address), regexp_extract(
                address, '{address}', ['house', 'named', 'its_suffix', 'direction', 'name', 'suffix', 'unit']
            ) AS part
            FROM plain
        ), words AS (
            SELECT *,
                part.direction AS direction_word,
                part.its_suffix || part.suffix AS suffix_word,
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            regexp_replace(part.named || part.name, '^ST ', 'SAINT '), '^MT ', 'MOUNT '
                        ), '^FT ', 'FORT '
                    ), '^(\d+)(ST|ND|RD|TH)$', '\1'
                ) AS name
            FROM parsed
        )
        SELECT unique_id,
            try_cast(part.house AS INTEGER) AS house,
            directions.short AS direction,
            coalesce(ordinals.short, nullif(name, '')) AS street,
            suffixes.short AS suffix,
            coalesce(upper(unit), nullif(part.unit, '')) AS unit,
            nullif(array_to_string(owner, ' '), '') AS owner,
            owner AS owner_words,
            left(zip, 5) AS zip,
            try_cast(beds AS INTEGER) AS beds,
            try_cast(baths AS FLOAT) AS baths,
            try_cast(sqft AS FLOAT) AS sqft,
            try_cast(built AS INTEGER) AS built,
            try_cast(value AS FLOAT) AS value
        FROM words
        LEFT JOIN directions ON directions.word = direction_word
        LEFT JOIN suffixes ON suffixes.word = suffix_word
        LEFT JOIN ordinals ON ordinals.word = name
    """)


def train(con):
    """A linker for the two cleaned tables with a trained model."""
    api = DuckDBAPI(con)
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=RULES,
        comparisons=COMPARISONS,
        retain_matching_columns=False,
    )
    linker = Linker([api.register("assessor"), api.register("listings")], settings, log_level="WARNING")
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("house", "street", "zip", "owner")], recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=2**20, seed=1)
    for rule in (block_on("house", "owner"), block_on("house", "street", "unit"), block_on("owner", "zip")):
        training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=2**18)
    return linker


def write_links(con, predictions, path):
    """Keeps the pairs that are the best of both their records, ties by identifier; answers how many."""
    con.execute(f"""
        COPY (
            SELECT unique_id_l AS id_l, unique_id_r AS id_r, match_weight, match_probability
            FROM {predictions}
            QUALIFY row_number() OVER (PARTITION BY unique_id_l ORDER BY match_weight DESC, unique_id_r) = 1
                AND row_number() OVER (PARTITION BY unique_id_r ORDER BY match_weight DESC, unique_id_l) = 1
        ) TO '{path}' (FORMAT parquet)
    """)
    return con.execute(f"SELECT count(*) FROM '{path}'").fetchall()[0][0]


def connect(spill, threads, max_memory):
    """A database in memory that spills to a folder, with the tables of words that `clean` joins."""
    con = duckdb.connect(config={"temp_directory": spill, "threads": threads})
    if max_memory:
        con.execute(f"SET memory_limit = '{max_memory}'")
        con.execute("SET preserve_insertion_order = false")
    for table, words in (("suffixes", SUFFIXES), ("directions", DIRECTIONS), ("ordinals", ORDINALS)):
        canonical = {short: short for short in words.values()}
        con.execute(f"CREATE TABLE {table} (word VARCHAR, short VARCHAR)")
        con.executemany(f"INSERT INTO {table} VALUES (?, ?)", [*(canonical | words).items()])
    return con


def cpu_seconds():
    """User and system time of this process and its children so far."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def link(arguments):
    """The measured part: from CSV to Parquet. Answers its figures."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    with tempfile.TemporaryDirectory() as spill:
        con = connect(spill, arguments.threads, arguments.max_memory)
        clean(con, "assessor", arguments.left, ASSESSOR)
        clean(con, "listings", arguments.right, LISTINGS)
        linker = train(con)
        pairs = linker.inference.compute_blocked_pairs_for_predict().physical_name
        per_rule = con.execute(f"SELECT count(*) FROM {pairs} GROUP BY match_key ORDER BY match_key").fetchall()
        predictions = linker.inference.predict(threshold_match_probability=THRESHOLD)
        links = write_links(con, predictions.physical_name, arguments.out)
        con.close()
    return {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": cpu_seconds() - cpu,
        "startup_cpu_seconds": cpu,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "pairs_compared": sum(count for (count,) in per_rule),
        "pairs_per_rule": [count for (count,) in per_rule],
        "links": links,
    }


def main():
    """Reads the command line, links, and scores outside the measured part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("left", help="assessor.csv")
    parser.add_argument("right", help="listings.csv")
    parser.add_argument("out", help="Parquet file for the links")
    parser.add_argument("--max-memory", help="DuckDB's memory limit, such as 250MB; what is more spills")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--truth", help="CSV file of true pairs")
    arguments = parser.parse_args()
    figures = link(arguments)
    if arguments.truth:
        figures |= score_links(arguments.out, arguments.truth, THRESHOLD)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
