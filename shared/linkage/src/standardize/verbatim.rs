//! Values that stay as they are, or nearly so, or are null.

use crate::calendar;
use crate::values::Values;

/// Adds the text.
pub(super) fn verbatim(raw: &str, values: &mut Values) {
    values.push(Some(raw));
}

/// Adds the text of a date; null where it is none.
pub(super) fn date(raw: &str, values: &mut Values) {
    values.push(Some(raw).filter(|raw| calendar::days(raw).is_some()));
}

/// Adds the text of a time; null where it is none.
pub(super) fn time(raw: &str, values: &mut Values) {
    values.push(Some(raw).filter(|raw| calendar::is_utc_time(raw)));
}

/// Adds a number in its shortest form; null where it is none.
pub(super) fn number(raw: &str, values: &mut Values) {
    let raw = raw.trim_ascii();
    if let Ok(whole) = raw.parse::<i64>() {
        values.append_display(whole);
    } else if let Some(number) = raw.parse().ok().filter(|number: &f64| number.is_finite()) {
        // Adding zero turns -0 into 0.
        values.append_display(number + 0.0);
    }
    values.finish();
}

/// Adds latitude and longitude; null where one of them is missing.
pub(super) fn place(raw: &str, values: &mut Values) {
    let number = |text: &str| text.parse().is_ok_and(f64::is_finite);
    let both =
        |raw: &&str| raw.split_once(' ').is_some_and(|(latitude, longitude)| number(latitude) && number(longitude));
    values.push(Some(raw).filter(both));
}
