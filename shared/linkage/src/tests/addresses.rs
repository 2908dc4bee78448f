//! Addresses of people, labeled word by word by the authors of `usaddress` (DataMade, MIT), and
//! the share of them that the standardizer reads the same way.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Values;
use crate::standardize::{Standardizer, address};

/// The parts compared. `whole` is all of them at once.
const PARTS: [&str; 11] =
    ["house", "predirection", "name", "suffix", "postdirection", "unit", "city", "state", "zip", "zip4", "whole"];

/// An address as written, and its words by label in the order they stand.
struct Labeled {
    raw: String,
    words: Vec<(String, String)>,
}

impl Labeled {
    fn parse(xml: &str) -> Self {
        let mut words: Vec<(String, String)> = Vec::new();
        let mut raw = String::new();
        let mut rest = xml;
        while let Some((before, tagged)) = rest.split_once('<') {
            raw.push_str(&plain(before));
            let (label, tagged) = tagged.split_once('>').unwrap();
            let (word, after) = tagged.split_once(&format!("</{label}>")).unwrap();
            raw.push_str(&plain(word));
            words.push((label.to_owned(), plain(word)));
            rest = after;
        }
        raw.push_str(&plain(rest));
        // Indentation of the XML file is no part of an address.
        let raw = raw.split("\n ").map(str::trim_start).collect::<Vec<_>>().join(" ");
        Self { raw, words }
    }

    fn has(&self, label: &str) -> bool {
        self.words.iter().any(|(known, _)| known == label)
    }

    /// The words with any of the labels.
    fn text(&self, labels: &[&str]) -> String {
        let words = self.words.iter().filter(|(label, _)| labels.contains(&label.as_str()));
        words.map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether the labels name anything but a person, a company or two streets that cross.
    fn is_address(&self) -> bool {
        !self.has("IntersectionSeparator")
            && self.words.iter().any(|(label, _)| !matches!(label.as_str(), "Recipient" | "NotAddress" | "CountryName"))
    }

    /// Some sets label every direction and street type as standing before the name.
    fn is_behind_name(&self, label: &str) -> bool {
        let place = |label: &str| self.words.iter().position(|(known, _)| known == label);
        place("StreetName").zip(place(label)).is_some_and(|(name, place)| name < place)
    }

    fn expected(&self) -> BTreeMap<&'static str, String> {
        let mut parts = BTreeMap::new();
        let (mut before, mut behind) = (Vec::new(), vec!["StreetNamePostDirectional"]);
        match self.is_behind_name("StreetNamePreDirectional") {
            true => behind.push("StreetNamePreDirectional"),
            false => before.push("StreetNamePreDirectional"),
        }
        let number = ["AddressNumberPrefix", "AddressNumber", "AddressNumberSuffix"];
        let mut number = self.text(&number);
        if self.text(&["AddressNumberSuffix"]).starts_with(char::is_alphabetic) {
            number.retain(|letter| letter != ' ');
        }
        let house = found(&format!("{number} MAIN ST"))["house"].clone();
        parts.insert("house", if house.is_empty() { address::standard_number(&number) } else { house });
        parts.insert("predirection", address::standard_direction(&self.text(&before)));
        parts.insert("postdirection", address::standard_direction(&self.text(&behind)));
        let (name, suffix) = self.expected_street();
        parts.insert("name", name);
        parts.insert("suffix", suffix);
        let mut unit = self.text(&["OccupancyIdentifier", "SubaddressIdentifier"]);
        if unit.is_empty() {
            unit = self.text(&["OccupancyType", "SubaddressType"]);
        }
        parts.insert("unit", address::standard_unit(&unit));
        parts.insert("city", address::standard_city(&self.text(&["PlaceName"])));
        parts.insert("state", address::standard_state(&self.text(&["StateName"])));
        let zip: String = self.text(&["ZipCode"]).chars().filter(char::is_ascii_digit).collect();
        let (zip, zip4) = zip.split_at_checked(5).unwrap_or((&zip, ""));
        parts.insert("zip", if zip.is_empty() { String::new() } else { format!("{zip:0>5}") });
        parts.insert("zip4", zip4.to_owned());
        parts
    }

    fn expected_street(&self) -> (String, String) {
        if !self.has("StreetName") && self.has("USPSBoxID") {
            let (group, number) = (self.text(&["USPSBoxGroupID"]), self.text(&["USPSBoxID"]));
            return (
                format!("{}/{}", address::standard_number(&group), address::standard_number(&number)),
                String::new(),
            );
        }
        let typed_behind = self.is_behind_name("StreetNamePostType");
        let mut labels = vec!["StreetNamePreModifier", "StreetNamePreType", "StreetName", "StreetNamePostModifier"];
        if !typed_behind {
            labels.push("StreetNamePostType");
        }
        let mut name = self.text(&labels);
        if name.is_empty() {
            name = self.text(&["LandmarkName", "BuildingName"]);
        }
        let suffix = if typed_behind { self.text(&["StreetNamePostType"]) } else { String::new() };
        (address::standard_name(&name), address::standard_suffix(&suffix))
    }
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#163;", "£")
        .replace("&#189;", "½")
        .replace("&#8212;", "—")
        .replace("&amp;", "&")
}

/// What the standardizer makes of the address, in the words of the labels.
fn found(raw: &str) -> BTreeMap<&'static str, String> {
    let mut values = Values::default();
    Standardizer::UsAddress.read(raw, &mut values);
    let names = Standardizer::UsAddress.derived("");
    let value = |wanted: &str| {
        let at = names.iter().position(|name| name[1..] == *wanted).unwrap();
        values.get(at).unwrap_or_default().to_owned()
    };
    let mut parts: BTreeMap<&str, String> = PARTS[..10].iter().map(|part| (*part, value(part))).collect();
    let house = value("house") + &value("house_suffix");
    parts.insert("house", house.chars().filter(char::is_ascii_alphanumeric).collect());
    parts.insert("unit", value("unit").replace(' ', ""));
    let name = value("name");
    let boxed = ["PO", "RR", "HC"].iter().find_map(|kind| name.strip_prefix(kind)).filter(|_| name.contains("BOX"));
    if let Some((route, number)) = boxed.and_then(|rest| rest.split_once("BOX")) {
        parts.insert("name", format!("{}/{}", route.trim(), number.trim()));
    }
    parts
}

/// Shares of agreement by part, among the addresses that have the part or were given it; prints
/// them.
fn compare(file: &str) -> Option<BTreeMap<&'static str, f64>> {
    let root = std::env::var("LOTLINE_DATA").unwrap_or_else(|_| "/work/shared/data".to_owned());
    let path = Path::new(&root).join("addresses/usaddress").join(file);
    let Ok(xml) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no data at {}", path.display());
        return None;
    };
    let rows: Vec<Labeled> = xml
        .split("<AddressString>")
        .skip(1)
        .filter_map(|row| row.split_once("</AddressString>"))
        .map(|(row, _)| Labeled::parse(row))
        .collect();
    let read: Vec<&Labeled> = rows.iter().filter(|row| row.is_address()).collect();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in &read {
        let (expected, found) = (row.expected(), found(&row.raw));
        for part in &PARTS[..10] {
            let (all, same) = counts.entry(part).or_default();
            let present = !expected[part].is_empty() || !found[part].is_empty();
            *all += usize::from(present);
            *same += usize::from(present && expected[part] == found[part]);
        }
        let (all, same) = counts.entry("whole").or_default();
        *all += 1;
        *same += usize::from(expected == found);
        if std::env::var_os("SHOW").is_some() && expected != found {
            eprintln!("{}", row.raw);
            for part in &PARTS[..10] {
                if expected[part] != found[part] {
                    eprintln!("      {part}: [{}] found [{}]", expected[part], found[part]);
                }
            }
        }
    }
    println!("{file}: {} addresses of {} rows", read.len(), rows.len());
    for part in PARTS {
        let (all, same) = counts[part];
        println!("  {part:<14}{same:>6} of {all:>6}  {:.4}", same as f64 / all.max(1) as f64);
    }
    Some(counts.into_iter().map(|(part, (all, same))| (part, same as f64 / all.max(1) as f64)).collect())
}

#[test]
fn reads_labeled_addresses() {
    for (file, least) in [
        ("training_labeled.xml", 0.5),
        ("training_us50_messiest_manual_label.xml", 0.5),
        ("training_multi_word_state_addresses.xml", 0.5),
        ("measure_performance_test_data_simple_address_patterns.xml", 0.5),
        ("measure_performance_test_data_labeled.xml", 0.5),
    ] {
        let Some(shares) = compare(file) else { return };
        assert!(shares["whole"] >= least, "{file}: {}", shares["whole"]);
    }
}
