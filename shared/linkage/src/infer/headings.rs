//! What the name of a column says about its content.

use super::kind::Kind;

/// A column name cut into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// Lower case words without the number at the end.
    pub(super) words: Vec<String>,
    /// The number at the end: 2 of `street2` and of `address_2`.
    pub(super) number: Option<u32>,
}

/// Names with what they announce; words are written together.
const KNOWN: &[(Kind, &str)] = &[
    (Kind::Identifier, "id key uid uuid guid rowid rownumber recordid recid uniqueid pk index"),
    (
        Kind::Person,
        "owner ownername person personname fullname buyer seller grantor grantee contact contactname agent tenant customer customername patient",
    ),
    (Kind::FirstName, "firstname fname forename givenname given first"),
    (Kind::LastName, "lastname lname surname familyname last"),
    (Kind::Name, "name title1 company companyname organization organisation business businessname restaurant"),
    (Kind::Address, "address addr streetaddress addressline situsaddress location fulladdress"),
    (
        Kind::House,
        "house housenumber houseno housenum hno bldgno buildingnumber buildingno streetnumber streetno addressnumber stno stnum",
    ),
    (Kind::Street, "street streetname stname road"),
    (Kind::StreetSuffix, "suffix stsufx stsuffix streetsuffix streettype sttype"),
    (Kind::Direction, "direction predir predirection postdir postdirection streetdirection stdir"),
    (Kind::Unit, "unit unitnumber unitno apt aptno apartment apartmentnumber suite"),
    (Kind::City, "city town municipality suburb locality borough birthplace place placeofbirth"),
    (Kind::State, "state province statecode"),
    (Kind::Zip, "zip zipcode zip5 postcode postalcode postal zipplus4"),
    (Kind::Phone, "phone phonenumber telephone tel mobile cell fax phoneno"),
    (Kind::Email, "email emailaddress mail"),
    (Kind::Date, "date dob dateofbirth birthdate born birthday timestamp"),
    (Kind::Year, "year yearbuilt built yr yrbuilt"),
    (
        Kind::Number,
        "price value amount sqft squarefeet area beds bedrooms baths bathrooms rooms count total units size",
    ),
    (Kind::Latitude, "latitude lat"),
    (Kind::Longitude, "longitude lon lng long"),
    (Kind::Category, "category type class status gender sex occupation cuisine kind neighborhood"),
    (Kind::Code, "code parcel parcelid parcelnumber apn bbl pin folio ssn socsecid socialsecurity isbn ean sku number"),
    (Kind::Title, "title"),
    (Kind::List, "authors author"),
    (Kind::FreeText, "description remarks comment comments notes note text"),
];

impl Heading {
    /// Cuts a name at signs, at capitals behind small letters and before digits; of an address of the web only what
    /// stands behind its last `#` or `/` counts.
    pub(super) fn of(name: &str) -> Self {
        let name = if name.contains("://") { name.rsplit(['#', '/']).next().unwrap_or(name) } else { name };
        let mut words: Vec<String> = Vec::new();
        let mut before = ' ';
        for letter in name.chars() {
            let begins = !before.is_alphanumeric()
                || (letter.is_uppercase() && before.is_lowercase())
                || (letter.is_numeric() && !before.is_numeric());
            if letter.is_alphanumeric() {
                if begins {
                    words.push(String::new());
                }
                if let Some(word) = words.last_mut() {
                    word.extend(letter.to_lowercase());
                }
            }
            before = letter;
        }
        let number = words.last().and_then(|word| word.parse().ok());
        if number.is_some() {
            words.pop();
        }
        Self { words, number }
    }

    /// What the name announces: the whole name, else its last words, else its first ones.
    pub(super) fn kind(&self) -> Option<Kind> {
        let count = self.words.len();
        let ends = (0..count).map(|from| from..count);
        let starts = (1..count).rev().map(|to| 0..to);
        ends.chain(starts).find_map(|range| known(&self.words[range].concat()))
    }

    /// Whether the number says which of several things of one sort this is.
    pub(super) fn group(&self) -> u32 {
        self.number.unwrap_or(0)
    }

    /// The share of the words of the shorter name that the other has; a word of three or more letters that begins
    /// another one counts as the same (`bed`, `bedrooms`), and names that end in the same word are alike for the most
    /// part (`assessed value`, `estimated value`).
    pub(super) fn likeness(&self, other: &Self) -> f64 {
        if self.words == other.words {
            return if self.number == other.number { 1.0 } else { 0.4 };
        }
        let (few, many) = if self.words.len() <= other.words.len() {
            (&self.words, &other.words)
        } else {
            (&other.words, &self.words)
        };
        let shared = few.iter().filter(|word| many.iter().any(|known| same_word(word, known))).count();
        let ends = matches!((few.last(), many.last()), (Some(few), Some(many)) if few == many);
        (0.9 * shared as f64 / few.len().max(1) as f64).max(if ends { 0.65 } else { 0.0 })
    }

    /// A name for a field: small letters, digits and underscores.
    pub(super) fn field(&self) -> String {
        let plain = |word: &String| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let words: Vec<String> = self.words.iter().map(plain).filter(|word| !word.is_empty()).collect();
        let name = if words.is_empty() { "column".to_owned() } else { words.join("_") };
        self.number.map_or(name.clone(), |number| format!("{name}_{number}"))
    }
}

fn known(joined: &str) -> Option<Kind> {
    KNOWN.iter().find(|(_, names)| names.split(' ').any(|name| name == joined)).map(|(kind, _)| *kind)
}

fn same_word(left: &str, right: &str) -> bool {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    let stem = short.strip_suffix('s').unwrap_or(short);
    short == long || (stem.len() >= 3 && long.starts_with(stem))
}
