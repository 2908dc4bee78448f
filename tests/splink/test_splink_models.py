"""Splink's own match weights are ours: models go both ways, and every pair weighs the same within 1e-6."""

import csv
import datetime
import json
import os
import random
import subprocess
import tempfile
import unittest
from pathlib import Path

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import ColumnExpression, DuckDBAPI, Linker, SettingsCreator, block_on

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("LOTLINE_DATA", "/work/shared/data")) / "linkage/splink/fake_1000.csv"
# As the acceptance of the reader and writer has it.
MOST_APART = 1e-6
RULES = [block_on("cluster"), block_on("substr(dob, 1, 4)"), "SUBSTR(l.surname, 1, 1) = SUBSTR(r.surname, 1, 1)"]
# The columns of the table, and their types in DuckDB.
COLUMNS = {
    "unique_id": "INTEGER",
    "first_name": "VARCHAR",
    "surname": "VARCHAR",
    "dob": "VARCHAR",
    "city": "VARCHAR",
    "email": "VARCHAR",
    "cluster": "INTEGER",
    "accented": "VARCHAR",
    "words": "VARCHAR",
    "latitude": "DOUBLE",
    "longitude": "DOUBLE",
    "amount": "DOUBLE",
    "seen": "VARCHAR",
    "born": "DATE",
    "met": "TIMESTAMP",
}


def custom(name, *levels):
    """A comparison of one column that the library has no class for."""
    levels = [cll.NullLevel(name), cll.ExactMatchLevel(name), *levels, cll.ElseLevel()]
    return cl.CustomComparison(levels, output_column_name=name)


# One model each, with two columns that tell records apart beside what is looked at.
COMPARISONS = {
    "exact": [cl.ExactMatch("city")],
    "exact_frequency": [cl.ExactMatch("city").configure(term_frequency_adjustments=True)],
    "jaro_winkler": [cl.JaroWinklerAtThresholds("email", [0.95, 0.88, 0.7])],
    "jaro_winkler_frequency": [cl.JaroWinklerAtThresholds("city").configure(term_frequency_adjustments=True)],
    "jaro": [cl.JaroAtThresholds("email", [0.9, 0.75])],
    "levenshtein": [cl.LevenshteinAtThresholds("email", [1, 2, 5])],
    "damerau_levenshtein": [cl.DamerauLevenshteinAtThresholds("email", [1, 3])],
    "accents": [cl.LevenshteinAtThresholds("accented", [1, 2]), cl.JaroWinklerAtThresholds("first_name")],
    "accents_jaro": [cl.JaroAtThresholds("accented"), cl.DamerauLevenshteinAtThresholds("city", 1)],
    "accents_jaro_winkler": [cl.JaroWinklerAtThresholds("accented", [0.9, 0.8, 0.7])],
    "accents_damerau": [cl.DamerauLevenshteinAtThresholds("accented", [1, 2, 3])],
    "name": [cl.NameComparison("city")],
    "birth": [cl.DateOfBirthComparison("dob", input_is_string=True)],
    "birth_kept": [cl.DateOfBirthComparison("dob", input_is_string=True, invalid_dates_as_null=False)],
    "birth_date": [cl.DateOfBirthComparison("born", input_is_string=False)],
    "dates": [
        cl.AbsoluteDateDifferenceAtThresholds(
            "dob", input_is_string=True, metrics=["day", "month", "year"], thresholds=[2, 1, 3]
        )
    ],
    "times": [
        cl.AbsoluteTimeDifferenceAtThresholds(
            "seen", input_is_string=True, metrics=["minute", "hour", "day"], thresholds=[30, 5, 400]
        )
    ],
    "times_native": [
        cl.AbsoluteTimeDifferenceAtThresholds(
            "met", input_is_string=False, metrics=["second", "hour", "day"], thresholds=[90, 5, 400]
        )
    ],
    "kilometers": [cl.DistanceInKMAtThresholds("latitude", "longitude", [0.5, 5, 100])],
    "arrays": [cl.ArrayIntersectAtSizes("words", [3, 2, 1])],
    "amounts": [
        custom("amount", cll.AbsoluteDifferenceLevel("amount", 2), cll.AbsoluteDifferenceLevel("amount", 25.5))
    ],
    "shares": [
        custom("amount", cll.PercentageDifferenceLevel("amount", 0.01), cll.PercentageDifferenceLevel("amount", 0.25))
    ],
    "both": [
        custom(
            "email",
            cll.And(cll.JaroWinklerLevel("email", 0.9), cll.LevenshteinLevel("email", 3)),
            cll.JaroWinklerLevel("email", 0.8),
        )
    ],
    "frequencies": [
        cl.CustomComparison(
            [
                cll.NullLevel("city"),
                cll.ExactMatchLevel("city").configure(
                    tf_adjustment_column="city", tf_adjustment_weight=0.75, tf_minimum_u_value=0.01
                ),
                cll.LevenshteinLevel("city", 2).configure(
                    tf_adjustment_column="city", tf_adjustment_weight=0.5, tf_minimum_u_value=0.01
                ),
                cll.ElseLevel(),
            ],
            output_column_name="city",
        )
    ],
    "everything": [
        cl.NameComparison("accented"),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.LevenshteinAtThresholds("email").configure(term_frequency_adjustments=True),
        cl.ArrayIntersectAtSizes("words", [2, 1]),
        cl.DistanceInKMAtThresholds("latitude", "longitude", [1, 10]),
    ],
}
TRAINABLE = ["jaro_winkler_frequency", "birth", "kilometers", "arrays", "amounts", "times_native", "everything"]

# What cannot be read, and the part of the JSON that the refusal names.
REFUSED = {
    "jaccard": (cl.JaccardAtThresholds("city"), "comparisons[0].comparison_levels[2].sql_condition"),
    "cosine": (cl.CosineSimilarityAtThresholds("words"), "comparisons[0].comparison_levels[1].sql_condition"),
    "regular expression": (cl.EmailComparison("email"), "comparisons[0].comparison_levels[2].sql_condition"),
    "postcode": (cl.PostcodeComparison("city"), "comparisons[0].comparison_levels[2].sql_condition"),
    "two columns": (
        cl.ForenameSurnameComparison("first_name", "surname"),
        "comparisons[0].comparison_levels[0].sql_condition",
    ),
    "or": (
        custom("city", cll.Or(cll.LevenshteinLevel("city", 1), cll.JaroWinklerLevel("city", 0.9))),
        "comparisons[0].comparison_levels[2].sql_condition",
    ),
    "other column": (
        custom("city", cll.LevenshteinLevel("surname", 1)),
        "comparisons[0].comparison_levels[2].sql_condition",
    ),
    "array subset": (
        custom("words", cll.ArraySubsetLevel("words")),
        "comparisons[0].comparison_levels[2].sql_condition",
    ),
    "lower case": (
        cl.ExactMatch(ColumnExpression("city").lower()),
        "comparisons[0].comparison_levels[0].sql_condition",
    ),
    "other format": (
        cl.AbsoluteDateDifferenceAtThresholds(
            "dob", input_is_string=True, metrics=["day"], thresholds=[2], datetime_format="%d/%m/%Y"
        ),
        "comparisons[0].comparison_levels[0].sql_condition",
    ),
    "no null level": (
        cl.CustomComparison([cll.ExactMatchLevel("city"), cll.ElseLevel()], output_column_name="city"),
        "comparisons[0].comparison_levels",
    ),
}


def ours():
    """The example under test; `cargo test` builds it, and `cargo build --examples`."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [target / profile / "examples/splink_score" for profile in ("debug", "release")]
    path = os.environ.get("LOTLINE_SPLINK_SCORE") or next((path for path in built if path.is_file()), None)
    if path is None:
        raise RuntimeError("`splink_score` was not found: run `cargo build -p lotline-linkage --examples`")
    return str(path)


def run(*arguments):
    """Exit status and both outputs of the example."""
    done = subprocess.run([ours(), *map(str, arguments)], check=False, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def output(*arguments):
    """Standard output of the example, which must end with 0."""
    status, stdout, stderr = run(*arguments)
    if status != 0:
        raise AssertionError(f"splink_score {' '.join(map(str, arguments))}: exit {status}\n{stderr}")
    return stdout


def near(draw, value, most):
    """The value itself, or one up to so far from it."""
    return value + draw.choice([0, 0, 1e-4, 0.01, 0.3]) * draw.uniform(-most, most)


def often(draw, value, share=0.9):
    """The value, or else an empty cell."""
    return value if draw.random() < share else ""


def rows():
    """The people of fake_1000, with columns for what they lack; the same ones at every run."""
    draw = random.Random(4)
    accents = str.maketrans("aeiou", "áéïøü")
    places = {}
    with DATA.open(newline="") as file:
        people = list(csv.DictReader(file))
    for row in people:
        fresh = (draw.uniform(-60, 60), draw.uniform(-180, 180), draw.uniform(-300, 900))
        latitude, longitude, amount = places.setdefault(row["cluster"], fresh)
        row["accented"] = row["first_name"].translate(accents) if draw.random() < 0.5 else row["first_name"]
        words = [word for word in row["email"].replace("@", ".").split(".") if word] + row["city"].split()
        row["words"] = " ".join(draw.sample(words, len(words)))
        row["latitude"] = often(draw, near(draw, latitude, 3))
        row["longitude"] = often(draw, near(draw, longitude, 3))
        row["amount"] = often(draw, draw.choice([round(near(draw, amount, 900), 2), round(amount), 0]))
        if draw.random() < 0.03:
            row["dob"] = draw.choice(["1971-02-30", "unknown", "1980-1-7", "1990-07", "71-06-24"])
        minutes = draw.choice([1, 60, 9_000]) * draw.randrange(100)
        moment = datetime.datetime(2024, 1, 1) + datetime.timedelta(minutes=minutes)
        seen = moment.strftime("%Y-%m-%dT%H:%M:%SZ") if draw.random() < 0.98 else "2024-01-01"
        row["seen"] = often(draw, seen)
        row["born"] = row["dob"] if len(row["dob"]) == 10 and row["dob"] != "1971-02-30" else ""
        met = moment + datetime.timedelta(seconds=draw.choice([0, 30, 90, 4_000]))
        row["met"] = often(draw, met.isoformat(" "))
        yield row


@unittest.skipUnless(DATA.is_file(), f"no data at {DATA}")
class SplinkModels(unittest.TestCase):
    """Reads, writes and refuses models of the installed Splink."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.records = cls.folder / "records.csv"
        with cls.records.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows({name: row[name] for name in COLUMNS} for row in rows())
        cls.connection = duckdb.connect()
        arrays = "* REPLACE (string_split(words, ' ') AS words)"
        cls.connection.execute(
            f"CREATE TABLE people AS SELECT {arrays} FROM read_csv('{cls.records}', header = true, columns = {COLUMNS})"
        )
        cls.largest = 0.0

    @classmethod
    def tearDownClass(cls):
        print(f"largest difference of match weights: {cls.largest:.3g}")

    def linker(self, settings):
        """Splink's linker of the people."""
        api = DuckDBAPI(self.connection)
        return Linker(api.register("people"), settings, log_level="ERROR")

    def trained(self, name):
        """The path of a model that Splink trained and saved, once for all tests."""
        path = self.folder / f"{name}.json"
        if path.is_file():
            return path
        comparisons = COMPARISONS[name]
        settings = SettingsCreator(
            link_type="dedupe_only",
            comparisons=[*comparisons, cl.ExactMatch("surname").configure(term_frequency_adjustments=True)],
            blocking_rules_to_generate_predictions=RULES,
        )
        linker = self.linker(settings)
        linker.training.estimate_probability_two_random_records_match(["l.cluster = r.cluster"], recall=0.8)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e5, seed=1)
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("cluster"))
        linker.misc.save_model_to_json(str(path))
        return path

    def predicted(self, path):
        """Splink's weight of every pair that the rules of a model make."""
        pairs = self.linker(str(path)).inference.predict().as_duckdbpyrelation()
        found = pairs.project("unique_id_l, unique_id_r, match_weight").fetchall()
        return {(left, right): weight for left, right, weight in found}

    def scored(self, path, pairs):
        """Our weight of these pairs."""
        asked = self.folder / "pairs.csv"
        with asked.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["unique_id_l", "unique_id_r"])
            writer.writerows(pairs)
        lines = csv.DictReader(output("score", path, self.records, asked).splitlines())
        return {(int(line["unique_id_l"]), int(line["unique_id_r"])): float(line["match_weight"]) for line in lines}

    def assert_same(self, expected, found):
        """Every pair has the same weight in both."""
        self.assertEqual(expected.keys(), found.keys())
        self.assertGreater(len(expected), 10_000)
        self.assertGreater(len(set(expected.values())), 4, "the pairs reach too few levels to tell anything")
        for pair, weight in expected.items():
            apart = abs(weight - found[pair])
            type(self).largest = max(self.largest, apart)
            self.assertLessEqual(apart, MOST_APART, f"{pair}: Splink {weight}, Lotline {found[pair]}")

    def test_a_model_of_splink_weighs_the_same_here(self):
        for name in COMPARISONS:
            with self.subTest(name):
                path = self.trained(name)
                expected = self.predicted(path)
                self.assert_same(expected, self.scored(path, expected))

    def test_a_model_written_here_weighs_the_same_in_splink(self):
        for name in COMPARISONS:
            with self.subTest(name):
                path = self.trained(name)
                again = self.folder / f"{name}_again.json"
                again.write_text(output("write", path))
                self.assert_same(self.predicted(again), self.predicted(path))

    def test_a_model_trained_here_weighs_the_same_in_splink(self):
        for name in TRAINABLE:
            with self.subTest(name):
                path = self.folder / f"{name}_ours.json"
                path.write_text(output("train", self.trained(name), self.records))
                expected = self.predicted(path)
                self.assert_same(expected, self.scored(path, expected))

    def test_levels_that_were_never_trained_weigh_as_splink_takes_them(self):
        settings = SettingsCreator(
            link_type="dedupe_only",
            comparisons=[
                cl.ExactMatch("city"),
                cl.JaroWinklerAtThresholds("email"),
                cl.LevenshteinAtThresholds("surname", [1, 2, 4]),
            ],
            blocking_rules_to_generate_predictions=RULES,
        )
        path = self.folder / "untrained.json"
        self.linker(settings).misc.save_model_to_json(str(path), overwrite=True)
        expected = self.predicted(path)
        self.assert_same(expected, self.scored(path, expected))

    def test_what_cannot_be_read_is_refused_by_its_place(self):
        for name, (comparison, place) in REFUSED.items():
            with self.subTest(name):
                settings = SettingsCreator("dedupe_only", [comparison], RULES).create_settings_dict("duckdb")
                path = self.folder / "refused.json"
                path.write_text(json.dumps(settings))
                status, _, stderr = run("write", path)
                self.assertNotEqual(status, 0)
                self.assertIn(f'place: "{place}"', stderr)

    def test_rules_that_cannot_be_read_are_refused_by_their_place(self):
        for rule in [
            block_on("lower(city)"),
            block_on("words", arrays_to_explode=["words"]),
            "l.city = r.surname",
            "1 = 1",
        ]:
            with self.subTest(str(rule)):
                settings = SettingsCreator("dedupe_only", [cl.ExactMatch("city")], [rule]).create_settings_dict(
                    "duckdb"
                )
                path = self.folder / "refused.json"
                path.write_text(json.dumps(settings))
                status, _, stderr = run("write", path)
                self.assertNotEqual(status, 0)
                self.assertIn("blocking_rules_to_generate_predictions[0].", stderr)


if __name__ == "__main__":
    unittest.main()
