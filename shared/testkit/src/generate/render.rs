//! How a value looks in a file: CSV rows, numbers and addresses in an office's spelling.

use std::io::{self, Write};

use super::places::SHORTENED;

/// Writes one CSV record (RFC 4180), quoting only where it is needed.
pub(crate) fn csv_row(out: &mut dyn Write, cells: &[String]) -> io::Result<()> {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        match cell.contains([',', '"', '\n', '\r']) {
            true => write!(out, "\"{}\"", cell.replace('"', "\"\""))?,
            false => out.write_all(cell.as_bytes())?,
        }
    }
    out.write_all(b"\n")
}

/// The first line of a CSV file.
pub(crate) fn csv_header(out: &mut dyn Write, names: &[&str]) -> io::Result<()> {
    writeln!(out, "{}", names.join(","))
}

/// Half bathrooms as a decimal number of bathrooms.
pub(crate) fn bathrooms(half_baths: u64) -> String {
    (half_baths as f64 / 2.0).to_string()
}

/// `Saint James` as `St James`.
pub(crate) fn shorten(street: &str) -> String {
    let shortened =
        SHORTENED.iter().find_map(|(long, short)| street.strip_prefix(long).map(|rest| format!("{short}{rest}")));
    shortened.unwrap_or_else(|| street.to_owned())
}

/// Joins the words that are there.
pub(crate) fn join(words: &[&str]) -> String {
    let present: Vec<&str> = words.iter().copied().filter(|word| !word.is_empty()).collect();
    present.join(" ")
}
