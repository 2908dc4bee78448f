//! Word tables of US addresses: suffixes (USPS Publication 28, appendix C1), directions, ordinals
//! and unit words.

/// Canonical street suffix with the ways it is written; the canonical form comes first.
const SUFFIXES: &[&[&str]] = &[
    &["ALY", "ALLEY"],
    &["AVE", "AVENUE", "AV", "AVEN", "AVENU", "AVN", "AVNUE"],
    &["BCH", "BEACH"],
    &["BLVD", "BOULEVARD", "BOUL", "BOULV", "BLV"],
    &["BRG", "BRIDGE"],
    &["CIR", "CIRCLE", "CIRC", "CRCL"],
    &["CRES", "CRESCENT", "CRSNT"],
    &["CT", "COURT"],
    &["CTR", "CENTER", "CENTRE"],
    &["CV", "COVE"],
    &["DR", "DRIVE", "DRV", "DRIV"],
    &["EXPY", "EXPRESSWAY", "EXPWY", "EXPRESS"],
    &["HTS", "HEIGHTS"],
    &["HWY", "HIGHWAY", "HIGHWY", "HIWAY"],
    &["LN", "LANE"],
    &["LOOP"],
    &["OVAL", "OVL"],
    &["PASS"],
    &["PATH"],
    &["PIKE"],
    &["PKWY", "PARKWAY", "PARKWY", "PKY", "PWY"],
    &["PL", "PLACE"],
    &["PLZ", "PLAZA"],
    &["PT", "POINT"],
    &["RD", "ROAD"],
    &["ROW"],
    &["RUN"],
    &["SLIP"],
    &["SQ", "SQUARE", "SQR"],
    &["ST", "STREET", "STR", "STRT"],
    &["TER", "TERRACE", "TERR"],
    &["TPKE", "TURNPIKE", "TRNPK"],
    &["TRL", "TRAIL"],
    &["WALK"],
    &["WAY", "WY"],
];

const DIRECTIONS: [(&str, &str); 8] = [
    ("N", "NORTH"),
    ("S", "SOUTH"),
    ("E", "EAST"),
    ("W", "WEST"),
    ("NE", "NORTHEAST"),
    ("NW", "NORTHWEST"),
    ("SE", "SOUTHEAST"),
    ("SW", "SOUTHWEST"),
];

const ORDINALS: [&str; 20] = [
    "FIRST",
    "SECOND",
    "THIRD",
    "FOURTH",
    "FIFTH",
    "SIXTH",
    "SEVENTH",
    "EIGHTH",
    "NINTH",
    "TENTH",
    "ELEVENTH",
    "TWELFTH",
    "THIRTEENTH",
    "FOURTEENTH",
    "FIFTEENTH",
    "SIXTEENTH",
    "SEVENTEENTH",
    "EIGHTEENTH",
    "NINETEENTH",
    "TWENTIETH",
];

/// Words of a street name with their full form.
const NAME_WORDS: [(&str, &str); 7] = [
    ("MT", "MOUNT"),
    ("FT", "FORT"),
    ("STE", "SAINTE"),
    ("GR", "GRAND"),
    ("CONC", "CONCOURSE"),
    ("PK", "PARK"),
    ("HL", "HILL"),
];

const UNIT_WORDS: [&str; 12] =
    ["APT", "APARTMENT", "UNIT", "STE", "SUITE", "RM", "ROOM", "FL", "FLOOR", "FLR", "PH", "NO"];

/// The canonical form of a street suffix.
pub(super) fn suffix(word: &str) -> Option<&'static str> {
    SUFFIXES.iter().find(|forms| forms.contains(&word)).and_then(|forms| forms.first().copied())
}

/// The short form of a compass direction.
pub(super) fn direction(word: &str) -> Option<&'static str> {
    DIRECTIONS.iter().find(|(short, long)| word == *short || word == *long).map(|(short, _)| *short)
}

/// The long form of a compass direction, for a street that is named after one.
pub(super) fn direction_name(word: &str) -> Option<&'static str> {
    DIRECTIONS.iter().find(|(short, long)| word == *short || word == *long).map(|(_, long)| *long)
}

/// The number an ordinal word stands for.
pub(super) fn ordinal(word: &str) -> Option<usize> {
    ORDINALS.iter().position(|ordinal| *ordinal == word).map(|index| index + 1)
}

/// The full form of an abbreviated word of a street name.
pub(super) fn name_word(word: &str) -> Option<&'static str> {
    NAME_WORDS.iter().find(|(short, _)| *short == word).map(|(_, long)| *long)
}

/// Whether the word announces an apartment, suite or floor.
pub(super) fn is_unit_word(word: &str) -> bool {
    UNIT_WORDS.contains(&word)
}
