//! The words an address parser knows besides suffixes: directions, numbers, units, roads, states.

/// Compass points (USPS Publication 28, section 233): the abbreviation, the word, other spellings.
pub(super) const DIRECTIONS: &[&str] = &[
    "N NORTH NO NORT",
    "S SOUTH SO",
    "E EAST",
    "W WEST",
    "NE NORTHEAST",
    "NW NORTHWEST",
    "SE SOUTHEAST",
    "SW SOUTHWEST",
];

/// The words of cardinals and ordinals; the value is the first word's.
pub(super) const NUMBERS: &[(u8, &str, &str)] = &[
    (1, "ONE", "FIRST"),
    (2, "TWO", "SECOND"),
    (3, "THREE", "THIRD"),
    (4, "FOUR", "FOURTH"),
    (5, "FIVE", "FIFTH"),
    (6, "SIX", "SIXTH"),
    (7, "SEVEN", "SEVENTH"),
    (8, "EIGHT", "EIGHTH"),
    (9, "NINE", "NINTH"),
    (10, "TEN", "TENTH"),
    (11, "ELEVEN", "ELEVENTH"),
    (12, "TWELVE", "TWELFTH"),
    (13, "THIRTEEN", "THIRTEENTH"),
    (14, "FOURTEEN", "FOURTEENTH"),
    (15, "FIFTEEN", "FIFTEENTH"),
    (16, "SIXTEEN", "SIXTEENTH"),
    (17, "SEVENTEEN", "SEVENTEENTH"),
    (18, "EIGHTEEN", "EIGHTEENTH"),
    (19, "NINETEEN", "NINETEENTH"),
    (20, "TWENTY", "TWENTIETH"),
    (30, "THIRTY", "THIRTIETH"),
    (40, "FORTY", "FORTIETH"),
    (50, "FIFTY", "FIFTIETH"),
    (60, "SIXTY", "SIXTIETH"),
    (70, "SEVENTY", "SEVENTIETH"),
    (80, "EIGHTY", "EIGHTIETH"),
    (90, "NINETY", "NINETIETH"),
    (100, "HUNDRED", "HUNDREDTH"),
];

/// Words of a street name with their full form, besides suffixes, which get theirs as well.
pub(super) const NAME_WORDS: &[(&str, &str)] = &[
    ("MT", "MOUNT"),
    ("MNT", "MOUNT"),
    ("FT", "FORT"),
    ("PT", "POINT"),
    ("STE", "SAINTE"),
    ("GR", "GRAND"),
    ("GRD", "GRAND"),
    ("CONC", "CONCOURSE"),
    ("PK", "PARK"),
    ("PRK", "PARK"),
    ("HL", "HILL"),
    ("LK", "LAKE"),
    ("MLK", "MARTIN LUTHER KING"),
    ("COLL", "COLLEGE"),
    ("UNIV", "UNIVERSITY"),
    ("WASH", "WASHINGTON"),
    ("PENNA", "PENNSYLVANIA"),
    ("CNTRL", "CENTRAL"),
    ("INTL", "INTERNATIONAL"),
    ("INDUS", "INDUSTRIAL"),
    ("NATL", "NATIONAL"),
    ("MEM", "MEMORIAL"),
    ("GOV", "GOVERNOR"),
    ("PRES", "PRESIDENT"),
    ("GEN", "GENERAL"),
];

/// How a secondary unit designator is used (USPS Publication 28, appendix C2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Unit {
    /// No designator.
    #[default]
    None,
    /// Announces an identifier wherever it stands: `APT 4B`.
    Always,
    /// Announces one only before a number or a single letter, being a word of its own: `KEY 4`.
    Numbered,
    /// A unit without identifier at the end of a line, `REAR`, or one with: `SIDE 2`.
    Alone,
    /// A floor; its number may stand before it: `FL 2`, `5TH FLOOR`.
    Floor,
    /// A penthouse, whose designator is kept: `PH2`.
    Penthouse,
    /// A building, which stands before the unit inside it: `BLDG 4 APT 2`.
    Building,
    /// A post office box behind a street, which is no unit of it.
    Box,
}

/// Unit designators with their standard abbreviation first; the abbreviation is the unit's text
/// where there is no identifier. All of appendix C2 and those of mail rooms.
pub(super) const UNITS: &[(Unit, &str)] = &[
    (Unit::Always, "APT APARTMENT APTS APMT"),
    (Unit::Always, "UNIT UNT"),
    (Unit::Always, "STE SUITE SUIT STES"),
    (Unit::Always, "CONDO"),
    (Unit::Always, "PMB PBM"),
    (Unit::Always, "MSC MAILSTOP"),
    (Unit::Numbered, "RM ROOM"),
    (Unit::Numbered, "NO NUM NUMBER"),
    (Unit::Numbered, "HNGR HANGAR"),
    (Unit::Numbered, "KEY"),
    (Unit::Numbered, "LOT"),
    (Unit::Numbered, "PIER"),
    (Unit::Numbered, "SLIP"),
    (Unit::Numbered, "SPC SPACE"),
    (Unit::Numbered, "STOP"),
    (Unit::Numbered, "TRLR TRAILER"),
    (Unit::Numbered, "DEPT DEPARTMENT"),
    (Unit::Numbered, "FLAT"),
    (Unit::Numbered, "FILE"),
    (Unit::Numbered, "BIN"),
    (Unit::Numbered, "CODE MC MS MAILBOX ACCT SCB"),
    (Unit::Alone, "BSMT BASEMENT"),
    (Unit::Alone, "FRNT FRONT"),
    (Unit::Alone, "LBBY LOBBY"),
    (Unit::Alone, "LOWR LOWER"),
    (Unit::Alone, "OFC OFFICE"),
    (Unit::Alone, "REAR"),
    (Unit::Alone, "SIDE"),
    (Unit::Alone, "UPPR UPPER"),
    (Unit::Floor, "FL FLOOR FLR FLOORS LEVEL LVL"),
    (Unit::Penthouse, "PH PENTHOUSE"),
    (Unit::Building, "BLDG BUILDING BLD BLG"),
    (Unit::Box, "BOX BX DRAWER LOCKBOX LBX LB POBOX"),
    (Unit::Box, "PO POB RR RFD"),
];

/// Words of numbered roads (USPS Publication 28, appendix F) with the form they get in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Road {
    /// No such word.
    #[default]
    None,
    /// Whose road it is; another road word or, for US, the number follows: `STATE`.
    Owner,
    /// The kind of road; the number follows: `HIGHWAY`.
    Kind,
    /// What may stand behind the number: `BUSINESS`.
    Part,
    /// A rural route, which is no street.
    Rural,
}

/// Road words: use, spellings, form in the name.
pub(super) const ROADS: &[(Road, &str, &str)] = &[
    (Road::Owner, "US", "US"),
    (Road::Owner, "STATE ST", "STATE"),
    (Road::Owner, "COUNTY CNTY CO COUNTRY", "COUNTY"),
    (Road::Owner, "TOWNSHIP TWP", "TOWNSHIP"),
    (Road::Owner, "RANCH", "RANCH"),
    (Road::Owner, "FARM", "FARM"),
    (Road::Owner, "OLD", "OLD"),
    (Road::Owner, "SCENIC", "SCENIC"),
    (Road::Owner, "CITY", "CITY"),
    (Road::Kind, "INTERSTATE IH I", "INTERSTATE"),
    (Road::Kind, "HIGHWAY HWY HIWAY HIGHWY HWAY HGWY HGHWY", "HIGHWAY"),
    (Road::Kind, "ROUTE RTE RT", "ROUTE"),
    (Road::Kind, "ROAD RD", "ROAD"),
    (Road::Kind, "LOOP", "LOOP"),
    (Road::Kind, "SPUR", "SPUR"),
    (Road::Kind, "EXPRESSWAY EXPY", "EXPRESSWAY"),
    (Road::Kind, "SR", "STATE ROAD"),
    (Road::Kind, "SH", "STATE HIGHWAY"),
    (Road::Kind, "CR", "COUNTY ROAD"),
    (Road::Kind, "CH", "COUNTY HIGHWAY"),
    (Road::Kind, "FM", "FM"),
    (Road::Kind, "RM", "RM"),
    (Road::Kind, "TR", "TOWNSHIP ROAD"),
    (Road::Rural, "RR RFD HC HCR", "RR"),
    (Road::Part, "BUSINESS BUS", "BUSINESS"),
    (Road::Part, "BYPASS BYP", "BYPASS"),
    (Road::Part, "ALT ALTERNATE", "ALTERNATE"),
];

/// States and possessions (USPS Publication 28, appendix B): the code, then names of one word.
pub(super) const STATES: &[&str] = &[
    "AL ALABAMA ALA",
    "AK ALASKA",
    "AZ ARIZONA ARIZ",
    "AR ARKANSAS ARK",
    "CA CALIFORNIA CALIF CAL",
    "CO COLORADO COLO",
    "CT CONNECTICUT CONN",
    "DE DELAWARE",
    "DC",
    "FL FLORIDA FLA",
    "GA GEORGIA",
    "HI HAWAII",
    "ID IDAHO",
    "IL ILLINOIS ILL",
    "IN INDIANA",
    "IA IOWA",
    "KS KANSAS",
    "KY KENTUCKY",
    "LA LOUISIANA",
    "ME MAINE",
    "MD MARYLAND",
    "MA MASSACHUSETTS MASS",
    "MI MICHIGAN MICH",
    "MN MINNESOTA MINN",
    "MS MISSISSIPPI",
    "MO MISSOURI",
    "MT MONTANA",
    "NE NEBRASKA NEB",
    "NV NEVADA NEV",
    "NH",
    "NJ",
    "NM",
    "NY",
    "NC",
    "ND",
    "OH OHIO",
    "OK OKLAHOMA OKLA",
    "OR OREGON ORE",
    "PA PENNSYLVANIA PENN PENNA",
    "RI",
    "SC",
    "SD",
    "TN TENNESSEE TENN",
    "TX TEXAS TEX",
    "UT UTAH",
    "VT VERMONT",
    "VA VIRGINIA",
    "WA WASHINGTON WASH",
    "WV",
    "WI WISCONSIN WIS",
    "WY WYOMING",
    "PR",
    "GU GUAM",
    "VI",
    "AS",
    "MP",
];

/// States of two words.
pub(super) const LONG_STATES: &[(&str, &str, &str)] = &[
    ("NEW", "HAMPSHIRE", "NH"),
    ("NEW", "JERSEY", "NJ"),
    ("NEW", "MEXICO", "NM"),
    ("NEW", "YORK", "NY"),
    ("NORTH", "CAROLINA", "NC"),
    ("NORTH", "DAKOTA", "ND"),
    ("SOUTH", "CAROLINA", "SC"),
    ("SOUTH", "DAKOTA", "SD"),
    ("RHODE", "ISLAND", "RI"),
    ("WEST", "VIRGINIA", "WV"),
    ("PUERTO", "RICO", "PR"),
    ("D", "C", "DC"),
    ("N", "Y", "NY"),
    ("N", "J", "NJ"),
];

/// Words that begin a city of several words, for lines where neither a suffix nor a comma parts
/// street and city.
pub(super) const CITY_STARTS: &str = "SAN LOS SANTA NEW SAINT ST FORT FT EL LAS LA PALM WEST EAST NORTH SOUTH \
    LAKE MOUNT MT LONG COLORADO KANSAS SALT GRAND BATON CEDAR LITTLE DES OAK BEVERLY CORPUS VIRGINIA \
    OKLAHOMA JEFFERSON IOWA CARSON DALY PORT COUNCIL OVERLAND BOWLING COLLEGE ROUND SILVER COLD NIAGARA \
    WHITE BIG HIGHLAND ANN EAU GREEN ROCK CHAPEL HIGH BATTLE TERRE COEUR";

/// Words behind a compass point that belong to a city's name: `WEST PALM BEACH`.
pub(super) const CITY_POINTED: &str = "CHICAGO PALM HOLLYWOOD ORANGE HAVEN VEGAS MIAMI LITTLE BEND SYRACUSE LANSING \
    MOLINE POINT PLAINFIELD BERGEN HANOVER HARTFORD ALLIS MOINES SACRAMENTO COVINA HAMPTON PORTLAND LYNN BEND \
    BRUNSWICK ATTLEBORO HILLS HOLLAND BLOOMFIELD BLOOMFLD RICHLAND AUGUSTA CHARLESTON COLUMBIA LAKE JORDAN VALLEY \
    MEMPHIS FORK WINDSOR ROCHESTER DUNDEE PEORIA STROUDSBURG LAFAYETTE SALEM FARGO BABYLON ISLIP MONROE JERSEY \
    FALMOUTH WARWICK KINGSTOWN PROVIDENCE GREENWICH READING RIDGEVILLE OLMSTED CANTON EUCLID PASADENA SAN CITY \
    LIBERTY POLE PITTSBURG EL LITTE HAZEL AURORA OGDEN MILFORD AMHERST BEACH";

/// Words behind `ST` that belong to a city's name: `ST LOUIS`.
pub(super) const CITY_SAINTS: &str = "LOUIS PAUL PETERSBURG SIMONS JOSEPH CHARLES GEORGE AUGUSTINE CLOUD HELENS ALBANS \
    JOHNS CLAIR CLAIRSVILLE PETERS MARYS MATTHEWS IGNACE HELENA GABRIEL MARTINVILLE ROBERT BERNARD STEPHEN ANSGAR";
