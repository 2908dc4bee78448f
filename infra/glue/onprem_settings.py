"""What a job's settings say of the sources that Glue pulls: `engine = "glue"` and `[sources.<name>.jdbc]`."""

import re
import tomllib

from onprem_faults import Fault, bad_settings

# What a section takes, and what holds where it says nothing; None means that it must say something.
JDBC_KEYS = {"connection": None, "relation": None, "key": None, "rows_a_range": 1_000_000, "readers": 4}
NAMES = {"connection": r"[\w./-]+", "relation": r"\w+(\.\w+)*", "key": r".+"}
NUMBERS = {"rows_a_range": 1 << 40, "readers": 64}


def glue_sources(place, files):
    """What is pulled of a job, by source: every key of its section, and the columns of its table structure."""
    job = parsed(place, files, "job.toml")
    place_of_job, sources = f"{place}/job.toml", {}
    for name, said in job.get("sources", {}).items():
        engine = said.get("engine")
        if engine not in (None, "glue"):
            raise bad_settings(place_of_job, f"sources.{name}.engine", f"found `{engine}`, expected `glue`")
        if engine == "glue":
            columns = parsed(place, files, f"tables/{said.get('table', name)}.toml")["columns"]
            sources[name] = checked(place_of_job, f"sources.{name}.jdbc", said.get("jdbc")) | {"columns": columns}
    if not sources:
        raise bad_settings(place_of_job, "sources", 'found none to pull, expected one with `engine = "glue"`')
    return sources


def parsed(place, files, name):
    if name not in files:
        found = ", ".join(f"`{file}`" for file in files)
        raise Fault("Lotline.BadRequest", f"settings file: found no `{place}/{name}`, expected one of {found}")
    try:
        return tomllib.loads(files[name])
    except tomllib.TOMLDecodeError as error:
        raise Fault("Lotline.BadSettings", f"{place}/{name}: {error}") from None


def checked(place, section, said):
    """A section with every key."""
    choices = ", ".join(f"`{key}`" for key in JDBC_KEYS)
    if not isinstance(said, dict):
        raise bad_settings(place, section, f"found none, expected a section with {choices}")
    for key in said.keys() - JDBC_KEYS.keys():
        raise bad_settings(place, f"{section}.{key}", f"found an unknown key, expected one of {choices}")
    settings = JDBC_KEYS | said
    # A relation stands in SQL as it is, so it has to be a plain name.
    for key, pattern in NAMES.items():
        if not isinstance(settings[key], str) or not re.fullmatch(pattern, settings[key]):
            raise bad_settings(place, f"{section}.{key}", f"found `{settings[key]}`, expected a name")
    for key, most in NUMBERS.items():
        if type(settings[key]) is not int or not 1 <= settings[key] <= most:
            raise bad_settings(place, f"{section}.{key}", f"found `{settings[key]}`, expected 1 to {most}")
    return settings


def accepted(column):
    """The names that a column may have in the source, in order of preference."""
    source = column.get("source", column["name"])
    return [source] if isinstance(source, str) else source
