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

    /// What the standardizer should find, each label's words in their standard form.
    fn expected(&self) -> BTreeMap<&'static str, String> {
        let (name, suffix) = self.expected_street();
        let (zip, zip4) = self.expected_zip();
        let turned = self.is_behind_name("StreetNamePreDirectional");
        let mut directions = ["StreetNamePreDirectional", "StreetNamePostDirectional"].map(|label| self.text(&[label]));
        if turned {
            directions = [String::new(), directions.concat()];
        }
        let [before, behind] = directions.map(|direction| address::standard_direction(&direction));
        BTreeMap::from([
            ("house", self.expected_house()),
            ("predirection", before),
            ("name", name),
            ("suffix", suffix),
            ("postdirection", behind),
            ("unit", self.expected_unit()),
            ("city", address::standard_city(&self.text(&["PlaceName"]))),
            ("state", address::standard_state(&self.text(&["StateName"]))),
            ("zip", zip),
            ("zip4", zip4),
        ])
    }

    fn expected_house(&self) -> String {
        let mut number = self.text(&["AddressNumberPrefix", "AddressNumber", "AddressNumberSuffix"]);
        if self.text(&["AddressNumberSuffix"]).starts_with(char::is_alphabetic) {
            number.retain(|letter| letter != ' ');
        }
        let house = found(&format!("{number} MAIN ST"))["house"].clone();
        if house.is_empty() { address::standard_number(&number) } else { house }
    }

    fn expected_unit(&self) -> String {
        let identifier = self.text(&["OccupancyIdentifier", "SubaddressIdentifier"]);
        let designator = self.text(&["OccupancyType", "SubaddressType"]);
        address::standard_unit(if identifier.is_empty() { &designator } else { &identifier })
    }

    fn expected_zip(&self) -> (String, String) {
        let digits: String = self.text(&["ZipCode"]).chars().filter(char::is_ascii_digit).collect();
        let (zip, zip4) = digits.split_at_checked(5).unwrap_or((&digits, ""));
        (if zip.is_empty() { String::new() } else { format!("{zip:0>5}") }, zip4.to_owned())
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
    // A fraction is in the house number already.
    let house = value("house") + value("house_suffix").trim_end_matches("1/2");
    parts.insert("house", house.chars().filter(char::is_ascii_alphanumeric).collect());
    parts.insert("unit", value("unit").replace(' ', ""));
    let name = value("name");
    let boxed = ["PO", "RR", "HC"].iter().find_map(|kind| name.strip_prefix(kind)).filter(|_| name.contains("BOX"));
    if let Some((route, number)) = boxed.and_then(|rest| rest.split_once("BOX")) {
        parts.insert("name", format!("{}/{}", route.trim(), number.trim()));
    }
    parts
}

/// The labeled addresses of a file; null, and a line that says so, where there is no such data.
fn labeled(file: &str) -> Option<Vec<Labeled>> {
    let root = std::env::var("LOTLINE_DATA").unwrap_or_else(|_| "/work/shared/data".to_owned());
    let path = Path::new(&root).join("addresses/usaddress").join(file);
    let Ok(xml) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no data at {}", path.display());
        return None;
    };
    let rows = xml.split("<AddressString>").skip(1).filter_map(|row| row.split_once("</AddressString>"));
    Some(rows.map(|(row, _)| Labeled::parse(row)).collect())
}

/// Shares of agreement by part, among the addresses that have the part or were given it; prints
/// them.
fn compare(file: &str, rows: &[Labeled]) -> BTreeMap<&'static str, f64> {
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
    }
    println!("{file}: {} addresses of {} rows", read.len(), rows.len());
    for part in PARTS {
        let (all, same) = counts[part];
        println!("  {part:<14}{same:>6} of {all:>6}  {:.4}", same as f64 / all.max(1) as f64);
    }
    counts.into_iter().map(|(part, (all, same))| (part, same as f64 / all.max(1) as f64)).collect()
}

/// What is left in the training set is mostly recipients, buildings and mail codes around the
/// address, streets without suffix that run into the city, and labels that contradict each other.
#[test]
fn reads_labeled_addresses() {
    for (file, whole, name) in [
        ("training_labeled.xml", 0.82, 0.87),
        ("training_us50_messiest_manual_label.xml", 0.98, 0.98),
        ("training_multi_word_state_addresses.xml", 1.0, 1.0),
        ("measure_performance_test_data_simple_address_patterns.xml", 1.0, 1.0),
        ("measure_performance_test_data_labeled.xml", 0.85, 0.87),
    ] {
        let Some(rows) = labeled(file) else { return };
        let shares = compare(file, &rows);
        assert!(shares["whole"] >= whole, "{file}: {shares:?}");
        assert!(shares["name"] >= name, "{file}: {shares:?}");
    }
}
