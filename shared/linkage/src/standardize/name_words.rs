//! Words of names that are no names.

use std::sync::LazyLock;

use super::lexicon::Lexicon;

/// Titles, generations and degrees, which do not tell people apart.
const LEFT_OUT: &str = "AND CPA DDS DMD DR DVM ESQ ETAL ETUX ETVIR HON II III IV JD JR MD MISS MR MRS MS PHD PROF \
    REV RN SR TRUSTEE TRUSTEES TTEE";

/// Words that only companies have in their names: the form they get, then other spellings. Words
/// that are family names as well, such as `BANK` and `CHURCH`, are not among them.
const COMPANY_WORDS: &[&str] = &[
    "ASSN ASSOC ASSOCIATION",
    "ASSOCIATES",
    "CITY",
    "CO COMPANY",
    "CORP CORPORATION",
    "DEPT DEPARTMENT",
    "ENTERPRISES",
    "FOUNDATION",
    "GROUP",
    "HOLDINGS",
    "HOMEOWNERS",
    "INC INCORPORATED",
    "INVESTMENTS",
    "INVESTORS",
    "LLC",
    "LLP",
    "LP LLLP",
    "LTD LIMITED",
    "MANAGEMENT",
    "PARTNERS",
    "PARTNERSHIP",
    "PROPERTIES",
    "REALTY",
    "REVOCABLE",
    "TRUST TR TRST",
    "VENTURES",
];

/// Forms that only say how a company is set up, so that its name is the rest.
pub(super) const LEGAL_FORMS: [&str; 7] = ["CO", "CORP", "INC", "LLC", "LLP", "LP", "LTD"];

/// What a word is in a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A name.
    #[default]
    Name,
    /// A word that is left out.
    LeftOut,
    /// A word of a company, with the form it gets.
    Company(&'static str),
}

/// The words of names, built at the first call.
pub(super) fn lexicon() -> &'static Lexicon<Meaning> {
    &LEXICON
}

static LEXICON: LazyLock<Lexicon<Meaning>> = LazyLock::new(|| {
    let mut lexicon = Lexicon::with_room(128);
    LEFT_OUT.split_whitespace().for_each(|word| *lexicon.entry(word) = Meaning::LeftOut);
    for line in COMPANY_WORDS {
        let form = line.split(' ').next().unwrap_or_default();
        line.split(' ').for_each(|word| *lexicon.entry(word) = Meaning::Company(form));
    }
    lexicon
});
