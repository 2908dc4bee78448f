//! What a column may hold, and how each kind of content is read.

use crate::standardize::Standardizer;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// Names rows of this table, as a counter does.
    Identifier,
    /// A person's whole name.
    Person,
    /// A given name.
    FirstName,
    /// A family name.
    LastName,
    /// The name of an organization or thing, a few words.
    Name,
    /// An address, or its line with house and street.
    Address,
    /// A house number.
    House,
    /// A street without house number.
    Street,
    /// `AVE` or `STREET` alone.
    StreetSuffix,
    /// A compass point.
    Direction,
    /// An apartment or suite.
    Unit,
    /// A city or place.
    City,
    /// A state.
    State,
    /// Five digits, perhaps four more.
    Zip,
    /// A postal code of another country.
    Postcode,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A day.
    Date,
    /// A year.
    Year,
    /// An amount.
    Number,
    /// Degrees north.
    Latitude,
    /// Degrees east.
    Longitude,
    /// One of few values.
    Category,
    /// Letters and digits given out by somebody, such as a parcel number.
    Code,
    /// Several words that name a work or a product.
    Title,
    /// Several names.
    List,
    /// Sentences.
    FreeText,
}

impl Kind {
    /// The kind in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Identifier => "row identifier",
            Self::Person => "name of a person",
            Self::FirstName => "given name",
            Self::LastName => "family name",
            Self::Name => "name",
            Self::Address => "address",
            Self::House => "house number",
            Self::Street => "street",
            Self::StreetSuffix => "street suffix",
            Self::Direction => "direction",
            Self::Unit => "unit",
            Self::City => "city",
            Self::State => "state",
            Self::Zip => "ZIP code",
            Self::Postcode => "postal code",
            Self::Phone => "phone number",
            Self::Email => "e-mail address",
            Self::Date => "date",
            Self::Year => "year",
            Self::Number => "number",
            Self::Latitude => "latitude",
            Self::Longitude => "longitude",
            Self::Category => "category",
            Self::Code => "code",
            Self::Title => "title",
            Self::List => "list of names",
            Self::FreeText => "free text",
        }
    }

    /// How values are read, unless their form asks for more.
    pub(super) fn standardizer(self) -> Standardizer {
        match self {
            Self::Person => Standardizer::Name,
            Self::Address => Standardizer::UsAddress,
            Self::Zip => Standardizer::Zip5,
            Self::Year | Self::Number | Self::Latitude | Self::Longitude => Standardizer::Number,
            _ => Standardizer::Text,
        }
    }

    /// Whether a value is an amount, so that near values mean something.
    pub(super) fn is_amount(self) -> bool {
        matches!(self, Self::Year | Self::Number | Self::Latitude | Self::Longitude)
    }

    /// Whether columns of the two kinds may hold the same information.
    pub(super) fn fits(self, other: Self) -> bool {
        let group = |kind: Self| match kind {
            Self::Year | Self::Number => 1,
            Self::Name | Self::Title | Self::List | Self::Category | Self::City | Self::Person | Self::State => 2,
            Self::Zip | Self::Postcode => 3,
            Self::Code | Self::Identifier => 4,
            Self::FirstName => 5,
            Self::LastName => 6,
            other => 100 + other as u32,
        };
        group(self) == group(other)
    }
}
