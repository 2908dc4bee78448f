"""Scores links or clusters against known truth, for Lotline and its peers alike.

Prints one JSON line. Identifiers are compared as text; those of `dedupe_restaurant`, whose file has
none, are row numbers from 0.
"""

import argparse
import csv
import json
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import duckdb
import pyarrow
from pyarrow import parquet

# File of true pairs, its separator, and the columns of the left and the right identifier.
LISTED = {
    "nyc_bronx_sales_x_rentstab": (
        "property/nyc_bronx_sales_x_rentstab/truth_pairs.csv",
        ",",
        "sale_id",
        "bldg_id",
    ),
    "nyc_bronx_rentstab_2009_x_2013": (
        "property/nyc_bronx_rentstab_2009_x_2013/truth_pairs_1to1.csv",
        ",",
        "id09",
        "id13",
    ),
    "nyc_brooklyn_rentstab_2009_x_2013": (
        "property/nyc_brooklyn_rentstab_2009_x_2013/truth_pairs_1to1.csv",
        ",",
        "id09",
        "id13",
    ),
    "fodors_zagats": (
        "linkage/fodors_zagats/truth_fodors_zagats.csv",
        ",",
        "idFodors",
        "idZagats",
    ),
    "dblp_acm": ("linkage/dblp_acm/gt.csv", "%", "D1", "D2"),
}

# File of records, and the identifier and the entity of a record, given its row number.
CLUSTERED = {
    "splink_50k": (
        "linkage/splink/historical_figures_with_errors_50k.parquet",
        lambda _, row: (row["unique_id"], row["cluster"]),
    ),
    "fake_1000": (
        "linkage/splink/fake_1000.csv",
        lambda _, row: (row["unique_id"], row["cluster"]),
    ),
    "febrl3": (
        "linkage/febrl/dataset3.csv",
        lambda _, row: (row["rec_id"], row["rec_id"].split("-")[1]),
    ),
    "dedupe_restaurant": (
        "linkage/dedupe_restaurant/restaurant-nophone-training.csv",
        lambda index, row: (str(index), row["unique_id"]),
    ),
}


def truth_pairs(name, data_dir):
    """The true pairs of a set as (left, right); of a set to dedupe each pair once, in text order."""
    if name in LISTED:
        path, separator, left, right = LISTED[name]
        return {(row[left], row[right]) for row in read_rows(Path(data_dir, path), separator)}
    path, identify = CLUSTERED[name]
    entities = defaultdict(list)
    for index, row in enumerate(read_rows(Path(data_dir, path))):
        record, entity = identify(index, row)
        entities[entity].append(record)
    return {pair for records in entities.values() for pair in combinations(sorted(records), 2)}


def read_rows(path, separator=","):
    """Rows as dictionaries of text; blanks after a separator do not count."""
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pylist()
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=separator, skipinitialspace=True))


def score_links(links, truth, threshold, dedupe=False):
    """Precision, recall and F1 of the links at the threshold, and at the cut that is best for F1.

    `links` is a Parquet or CSV file with `id_l`, `id_r` and `match_probability`; cuts below the
    least probability in it cannot be seen. `truth` is a set of pairs, or a CSV file whose first
    two columns are pairs. With `dedupe` the order inside a pair does not count.
    """
    pair = "least(l, r), greatest(l, r)" if dedupe else "l, r"
    con = connect(truth)
    con.execute(f"""
        CREATE TABLE cuts AS
        WITH links AS (
            SELECT {pair}, max(p) AS p
            FROM (SELECT id_l::VARCHAR, id_r::VARCHAR, match_probability::DOUBLE FROM '{links}') AS t(l, r, p)
            GROUP BY ALL
        ), marked AS (
            SELECT p, (t.l IS NOT NULL)::INT AS hit
            FROM links AS k(l, r, p) LEFT JOIN truth AS t ON t.l = k.l AND t.r = k.r
        ), grouped AS (
            SELECT p, count(*) AS found, sum(hit) AS hits FROM marked GROUP BY p
        )
        SELECT p, sum(found) OVER cut AS found, sum(hits) OVER cut AS hits
        FROM grouped WINDOW cut AS (ORDER BY p DESC)
    """)
    wanted = con.execute("SELECT count(*) FROM truth").fetchall()[0][0]
    at_threshold = con.execute(
        "SELECT coalesce(max(found), 0), coalesce(max(hits), 0) FROM cuts WHERE p >= ?", [threshold]
    ).fetchall()[0]
    best = "SELECT p, found, hits FROM cuts ORDER BY hits / (found + ?) DESC, p DESC LIMIT 1"
    cut, *at_best = (con.execute(best, [wanted]).fetchall() or [(None, 0, 0)])[0]
    return ratios(*at_threshold, wanted) | {"best_cut": ratios(*at_best, wanted) | {"cut": cut}}


def score_clusters(clusters, truth):
    """Precision, recall and F1 over the pairs inside clusters, without listing those pairs.

    `clusters` is a Parquet or CSV file with one row a record: `id` and `cluster`.
    """
    con = connect(truth)
    con.execute(f"CREATE TABLE clusters AS SELECT id::VARCHAR AS id, cluster FROM '{clusters}'")
    found, hits, wanted = con.execute("""
        SELECT
            (SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM (SELECT count(*) AS n FROM clusters GROUP BY cluster)),
            (SELECT count(*) FROM truth
             JOIN clusters AS a ON a.id = l JOIN clusters AS b ON b.id = r AND b.cluster = a.cluster),
            (SELECT count(*) FROM truth)
    """).fetchall()[0]
    return ratios(found, hits, wanted)


def connect(truth):
    """A database with the true pairs in table `truth(l, r)`, each once."""
    con = duckdb.connect()
    if isinstance(truth, set):
        sides = [pyarrow.array([pair[side] for pair in truth], "string") for side in (0, 1)]
        con.register("pairs", pyarrow.table(sides, names=["l", "r"]))
        source = "pairs"
    else:
        source = f"read_csv('{truth}', all_varchar = true)"
    con.execute(f"CREATE TABLE truth AS SELECT DISTINCT l, r FROM {source} AS t(l, r)")
    return con


def ratios(found, hits, wanted):
    """Counts with precision, recall and F1; a ratio with nothing below the line is 0."""
    found, hits = int(found), int(hits)
    return {
        "found": found,
        "hits": hits,
        "wanted": wanted,
        "precision": hits / max(found, 1),
        "recall": hits / max(wanted, 1),
        "f1": 2 * hits / max(found + wanted, 1),
    }


def main():
    """Reads the command line and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="links (id_l, id_r, match_probability) or clusters (id, cluster)")
    parser.add_argument("--set", required=True, choices=[*LISTED, *CLUSTERED], help="whose truth")
    parser.add_argument("--data", required=True, help="folder of the data sets")
    parser.add_argument("--threshold", type=float, default=0.9)
    parser.add_argument("--clusters", action="store_true", help="the file holds clusters, not links")
    arguments = parser.parse_args()
    truth = truth_pairs(arguments.set, arguments.data)
    if arguments.clusters:
        figures = score_clusters(arguments.file, truth)
    else:
        figures = score_links(arguments.file, truth, arguments.threshold, dedupe=arguments.set in CLUSTERED)
    print(json.dumps({"set": arguments.set} | figures))


if __name__ == "__main__":
    main()
