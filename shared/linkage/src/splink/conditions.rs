//! What one comparison of Splink compares, and its conditions as SQL, in both directions.

use super::sql::{Column, Expression, parse, quoted};
use crate::level::{ByteMetric, Condition, Level};
use crate::standardize::Standardizer;

/// What a comparison compares, which its null level tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Subject {
    /// A column.
    Column(String),
    /// A column of text that is null where it is no date.
    Date(String),
    /// A column of text that is null where it is no time.
    Time(String),
    /// Columns of latitude and longitude.
    Place(String, String),
}

const DATE: &str = "%Y-%m-%d";
const TIME: &str = "%Y-%m-%dT%H:%M:%SZ";
const SECONDS_OF_DAY: f64 = 86_400.0;

impl Subject {
    /// Reads the condition of a null level; none when it is another than that a value is missing on either side.
    pub(super) fn of_null(condition: &Expression) -> Option<Self> {
        let Expression::Call(name, parts) = condition else { return None };
        let missing = |part: &Expression| match part {
            Expression::Call(name, arguments) if name == "is null" => arguments.first().cloned(),
            _ => None,
        };
        let values = parts.iter().map(missing).collect::<Option<Vec<Expression>>>()?;
        match (name.as_str(), values.as_slice()) {
            ("or", [left, right]) => match Value::of_pair(left, right)? {
                Value::Plain(column) => Some(Self::Column(column)),
                Value::Parsed(column, format) if format == DATE => Some(Self::Date(column)),
                Value::Parsed(column, format) if format == TIME => Some(Self::Time(column)),
                Value::Parsed(..) | Value::Cast(_) => None,
            },
            ("or", [left, right, other_l, other_r]) => {
                Some(Self::Place(column_of(left, right)?, column_of(other_l, other_r)?))
            }
            _ => None,
        }
    }

    /// The columns.
    pub(super) fn columns(&self) -> Vec<&str> {
        match self {
            Self::Column(column) | Self::Date(column) | Self::Time(column) => vec![column],
            Self::Place(latitude, longitude) => vec![latitude, longitude],
        }
    }

    /// The condition of the null level.
    pub(super) fn null_sql(&self) -> String {
        let missing = |value: &dyn Fn(char) -> String| format!("{} IS NULL OR {} IS NULL", value('l'), value('r'));
        let plain = |column: &str| missing(&|side| sided(column, side));
        let parsed = |column: &str, format: &str| missing(&|side| strptime(column, side, format));
        match self {
            Self::Column(column) => plain(column),
            Self::Date(column) => parsed(column, DATE),
            Self::Time(column) => parsed(column, TIME),
            Self::Place(latitude, longitude) => format!("({}) OR ({})", plain(latitude), plain(longitude)),
        }
    }

    /// How a field with the values is read, when they are compared at these levels.
    pub(super) fn standardizer(&self, levels: &[Level]) -> Standardizer {
        let is_number = |condition: &Condition| matches!(condition, Condition::Within(_) | Condition::BelowShare(_));
        match self {
            // Numbers are equal whatever their text.
            Self::Column(_) if levels.iter().flat_map(Level::conditions).any(is_number) => Standardizer::PlainNumber,
            Self::Column(_) => Standardizer::Verbatim,
            Self::Date(_) => Standardizer::IsoDate,
            Self::Time(_) => Standardizer::IsoTime,
            Self::Place(..) => Standardizer::Place,
        }
    }

    fn is_column(&self, column: &str) -> bool {
        matches!(self, Self::Column(own) | Self::Date(own) | Self::Time(own) if own.eq_ignore_ascii_case(column))
    }

    /// The level that a condition of this comparison makes, as link settings write it.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub(super) fn level(&self, condition: &Expression) -> Result<String, String> {
        match condition {
            Expression::Call(name, parts) if name == "and" => {
                let wanted = parts.iter().filter(|part| !self.is_presence(part));
                Ok(wanted.map(|part| self.condition(part)).collect::<Result<Vec<_>, _>>()?.join(" & "))
            }
            other => self.condition(other),
        }
    }

    /// Whether a condition only says that a value is there, which the null level has seen to.
    fn is_presence(&self, condition: &Expression) -> bool {
        let is_own = |column: &Column| {
            let stem = ["_l", "_r"].into_iter().find_map(|side| stem(column, side));
            stem.is_some_and(|stem| self.columns().iter().any(|own| own.eq_ignore_ascii_case(stem)))
        };
        match condition {
            Expression::Call(name, arguments) if name == "is not null" => {
                matches!(arguments.as_slice(), [Expression::Column(column)] if is_own(column))
            }
            _ => false,
        }
    }

    fn condition(&self, condition: &Expression) -> Result<String, String> {
        let unknown = || "the condition is none of those that are read".to_owned();
        let Expression::Call(sign, sides) = condition else { return Err(unknown()) };
        match (sign.as_str(), sides.as_slice()) {
            ("=", [left, right]) => {
                let column = column_of(text_of(left), text_of(right)).ok_or_else(unknown)?;
                self.own(&column).map(|()| "exact".to_owned())
            }
            (sign @ ("<=" | ">=" | "<"), [measure, Expression::Number(bound)]) => self.measure(sign, measure, *bound),
            ("or" | "not", _) => Err(format!("a level with `{}` has no form here", sign.to_uppercase())),
            _ => Err(unknown()),
        }
    }

    fn own(&self, column: &str) -> Result<(), String> {
        if self.is_column(column) {
            return Ok(());
        }
        let own = self.columns().join("`, `");
        Err(format!("it compares `{column}`, and the null level `{own}`; a comparison here has one field"))
    }

    fn measure(&self, sign: &str, measure: &Expression, bound: f64) -> Result<String, String> {
        let Expression::Call(function, arguments) = measure else {
            return Err("it measures nothing".to_owned());
        };
        let metric = match (function.as_str(), sign) {
            ("jaro_winkler_similarity", ">=") => "byte_jaro_winkler",
            ("jaro_similarity", ">=") => "byte_jaro",
            ("levenshtein", "<=") => "byte_levenshtein",
            ("damerau_levenshtein", "<=") => "byte_damerau_levenshtein",
            ("array_length", ">=") => "intersection",
            ("abs", "<=") => return self.difference(arguments, bound),
            ("/", "<") => return self.share(measure, bound),
            ("cast float", "<=") => return self.distance(measure, bound),
            _ => return Err(format!("no condition is like `{function}` with `{sign}`")),
        };
        let column = match (function.as_str(), arguments.as_slice()) {
            ("array_length", [Expression::Call(inner, arrays)]) if inner == "list_intersect" => match arrays.as_slice()
            {
                [left, right] => column_of(left, right),
                _ => None,
            },
            ("array_length", _) => None,
            (_, [left, right]) => column_of(text_of(left), text_of(right)),
            _ => None,
        };
        let column = column.ok_or_else(|| format!("`{function}` is not of one column of both records"))?;
        self.own(&column).map(|()| format!("{metric}:{bound}"))
    }

    /// The condition that two numbers or times are so near.
    fn difference(&self, arguments: &[Expression], bound: f64) -> Result<String, String> {
        let values = match arguments {
            [Expression::Call(minus, values)] if minus == "-" => values.as_slice(),
            _ => &[],
        };
        let epoch = |value: &Expression| match value {
            Expression::Call(name, inner) if name == "epoch" => inner.first().cloned(),
            _ => None,
        };
        let [left, right] = values else { return Err("`abs` is not of a difference".to_owned()) };
        let (Some(time_l), Some(time_r)) = (epoch(left), epoch(right)) else {
            let column = column_of(left, right).ok_or("`abs` is not of one column of both records")?;
            return self.own(&column).map(|()| format!("within:{bound}"));
        };
        let value = Value::of_pair(&time_l, &time_r).ok_or("`epoch` is not of one column of both records")?;
        self.own(value.column())?;
        match (&value, self) {
            (Value::Parsed(_, format), Self::Column(_) | Self::Date(_)) if format == DATE => {
                Ok(format!("days:{}", bound / SECONDS_OF_DAY))
            }
            (Value::Parsed(_, format), Self::Time(_)) if format == TIME => Ok(format!("seconds:{bound}")),
            (Value::Plain(_) | Value::Cast(_), Self::Column(_)) => Ok(format!("seconds:{bound}")),
            (Value::Parsed(_, format), _) => Err(format!("the time format `{format}` is none that is read here")),
            _ => Err("the null level reads the times in another way".to_owned()),
        }
    }

    fn share(&self, measure: &Expression, bound: f64) -> Result<String, String> {
        match self {
            Self::Column(column) if parse(&share_sql(column)).as_ref() == Ok(measure) => {
                Ok(format!("below_share:{bound}"))
            }
            _ => Err("it is not Splink's percentage difference".to_owned()),
        }
    }

    fn distance(&self, measure: &Expression, bound: f64) -> Result<String, String> {
        match self {
            Self::Place(latitude, longitude) if parse(&kilometers_sql(latitude, longitude)).as_ref() == Ok(measure) => {
                Ok(format!("kilometers:{bound}"))
            }
            _ => Err("it is not Splink's distance in kilometers".to_owned()),
        }
    }

    /// The SQL of a condition of this comparison; `times` says that the column may hold times and not their text.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub(super) fn sql(&self, condition: &Condition, times: bool) -> Result<String, &'static str> {
        let column = match (self, condition) {
            (Self::Place(latitude, longitude), Condition::Kilometers(most)) => {
                return Ok(format!("{} <= {most}", kilometers_sql(latitude, longitude)));
            }
            (Self::Place(..), _) => return Err("places have no level but `kilometers`"),
            (Self::Column(column) | Self::Date(column) | Self::Time(column), _) => column,
        };
        let value = |side: char| match times {
            true => format!("CAST({} AS TEXT)", sided(column, side)),
            false => sided(column, side),
        };
        let of_both = |function: &str| format!("{function}({}, {})", value('l'), value('r'));
        match condition {
            Condition::Exact => Ok(format!("{} = {}", sided(column, 'l'), sided(column, 'r'))),
            Condition::JaroWinkler(least) | Condition::Bytes(ByteMetric::JaroWinkler(least)) => {
                Ok(format!("{} >= {least}", of_both("jaro_winkler_similarity")))
            }
            Condition::Bytes(ByteMetric::Jaro(least)) => Ok(format!("{} >= {least}", of_both("jaro_similarity"))),
            Condition::Levenshtein(most) | Condition::Bytes(ByteMetric::Levenshtein(most)) => {
                Ok(format!("{} <= {most}", of_both("levenshtein")))
            }
            Condition::DamerauLevenshtein(most) | Condition::Bytes(ByteMetric::DamerauLevenshtein(most)) => {
                Ok(format!("{} <= {most}", of_both("damerau_levenshtein")))
            }
            Condition::Intersection(least) => Ok(format!("array_length({}) >= {least}", of_both("list_intersect"))),
            Condition::Within(most) => Ok(format!("ABS({} - {}) <= {most}", value('l'), value('r'))),
            Condition::BelowShare(bound) => Ok(format!("{} < {bound}", share_sql(column))),
            Condition::Days(most) => self.apart_sql(column, most * SECONDS_OF_DAY, DATE),
            Condition::Seconds(most) => self.apart_sql(column, *most, TIME),
            Condition::Kilometers(_) => Err("it needs a field read by `place`"),
            _ => Err("Splink's library of comparisons has no such level"),
        }
    }

    fn apart_sql(&self, column: &str, seconds: f64, format: &str) -> Result<String, &'static str> {
        let epoch = |side: char| match (self, format) {
            (Self::Column(_), TIME) => format!("EPOCH(TRY_CAST({} AS TIMESTAMP))", sided(column, side)),
            _ => format!("EPOCH({})", strptime(column, side, format)),
        };
        match (self, format) {
            (Self::Date(_), TIME) | (Self::Time(_), DATE) => Err("the field holds the other of dates and times"),
            _ => Ok(format!("ABS({} - {}) <= {seconds}", epoch('l'), epoch('r'))),
        }
    }
}

/// A value of one record, as conditions on times have it.
enum Value {
    /// The column itself.
    Plain(String),
    /// Its text parsed in a format.
    Parsed(String, String),
    /// Its text cast to a time.
    Cast(String),
}

impl Value {
    fn of_pair(left: &Expression, right: &Expression) -> Option<Self> {
        match (left, right) {
            (Expression::Call(name, left), Expression::Call(name_r, right)) if name == name_r => {
                match (name.as_str(), left.as_slice(), right.as_slice()) {
                    ("try_cast timestamp", [left], [right]) => Some(Self::Cast(column_of(left, right)?)),
                    ("try_strptime", [left, Expression::Text(format)], [right, Expression::Text(format_r)]) => {
                        let column = column_of(left, right)?;
                        (format == format_r).then(|| Self::Parsed(column, format.clone()))
                    }
                    _ => None,
                }
            }
            _ => Some(Self::Plain(column_of(left, right)?)),
        }
    }

    fn column(&self) -> &str {
        match self {
            Self::Plain(column) | Self::Parsed(column, _) | Self::Cast(column) => column,
        }
    }
}

/// The column of two expressions that are its values in both records, in either order.
fn column_of(left: &Expression, right: &Expression) -> Option<String> {
    let (Expression::Column(left), Expression::Column(right)) = (left, right) else { return None };
    let same = |left: &Column, right: &Column| {
        let (name, name_r) = (stem(left, "_l")?, stem(right, "_r")?);
        name.eq_ignore_ascii_case(name_r).then(|| name.to_owned())
    };
    same(left, right).or_else(|| same(right, left))
}

/// The name of a column without the side behind it.
fn stem<'c>(column: &'c Column, side: &str) -> Option<&'c str> {
    let (name, end) = column.name.split_at_checked(column.name.len().checked_sub(side.len())?)?;
    (column.table.is_empty() && !name.is_empty() && end.eq_ignore_ascii_case(side)).then_some(name)
}

/// The expression whose text is taken.
fn text_of(expression: &Expression) -> &Expression {
    match expression {
        Expression::Call(name, arguments) if matches!(name.as_str(), "cast text" | "cast varchar") => {
            arguments.first().unwrap_or(expression)
        }
        _ => expression,
    }
}

/// A column of one record, as Splink names it.
fn sided(column: &str, side: char) -> String {
    quoted(&format!("{column}_{side}"))
}

fn strptime(column: &str, side: char, format: &str) -> String {
    format!("try_strptime({}, '{format}')", sided(column, side))
}

/// `PercentageDifferenceLevel` of Splink, without its bound.
fn share_sql(column: &str) -> String {
    let (left, right) = (sided(column, 'l'), sided(column, 'r'));
    format!("(ABS({left} - {right}) / (CASE WHEN {right} > {left} THEN {right} ELSE {left} END))")
}

/// `great_circle_distance_km_sql` of Splink.
fn kilometers_sql(latitude: &str, longitude: &str) -> String {
    let (lat_l, lat_r) = (sided(latitude, 'l'), sided(latitude, 'r'));
    let (long_l, long_r) = (sided(longitude, 'l'), sided(longitude, 'r'));
    let cosine = format!(
        "sin(radians({lat_l})) * sin(radians({lat_r})) \
         + cos(radians({lat_l})) * cos(radians({lat_r})) * cos(radians({long_r} - {long_l}))"
    );
    let bounded = format!("CASE WHEN ({cosine}) > 1 THEN 1 WHEN ({cosine}) < -1 THEN -1 ELSE ({cosine}) END");
    format!("CAST(acos({bounded}) * 6371 AS FLOAT)")
}
