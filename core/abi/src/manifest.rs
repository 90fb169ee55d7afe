//! The manifest: what a library provides, as text inside the file.
//!
//! It is JSON, ended by a zero byte, in the symbol [`MANIFEST_SYMBOL`](crate::MANIFEST_SYMBOL). The host reads it
//! out of the file's symbol table, so listing plugins, checking a study's options and refusing a library of another
//! generation or machine all happen before any of the library's code can run. (A file that was cut short would
//! kill the process with a signal inside the loader; reading it as data makes that an error.)
//!
//! To be in the file as data the text must exist at compile time, hence the `const` writer here: [`render`] with
//! `N = 0` measures, with the measured length it writes. [`Manifest`] reads it back.

use crate::{GENERATION, VERSION};
use lamarck_model::declaration::{ComponentSpec, Kind};
use lamarck_model::options::{OptionInfo, OptionSpec, OptionType};
use serde::{Deserialize, Serialize};

/// The version of the manifest's own format.
pub const FORMAT: u32 = 1;

/// What `export_plugin!` knows of the library it is in.
#[derive(Debug, Clone, Copy)]
pub struct LibraryInfo {
    /// The crate's name.
    pub name: &'static str,
    /// The crate's version.
    pub version: &'static str,
    /// The crate's licence, or empty.
    pub license: &'static str,
    /// The crate's authors, or empty.
    pub authors: &'static str,
    /// The crate's repository, or empty.
    pub repository: &'static str,
    /// The SDK's version.
    pub sdk: &'static str,
    /// The compiler.
    pub rustc: &'static str,
}

/// A manifest as the host reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this format.
    pub format: u32,
    /// The generation of the boundary.
    pub generation: u32,
    /// The version of the abi crate.
    pub abi: String,
    /// The library's name.
    pub name: String,
    /// The library's version.
    pub version: String,
    /// The library's licence.
    pub license: String,
    /// The library's authors.
    pub authors: String,
    /// The library's repository.
    pub repository: String,
    /// The SDK's version.
    pub sdk: String,
    /// The compiler.
    pub rustc: String,
    /// The architecture it was built for.
    pub arch: String,
    /// The operating system it was built for.
    pub os: String,
    /// What it provides.
    pub components: Vec<ComponentInfo>,
}

/// The part of a manifest that every version of the format keeps, read first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ManifestHead {
    /// The version of the format.
    pub format: u32,
    /// The generation of the boundary.
    pub generation: u32,
    /// The version of the abi crate.
    pub abi: String,
    /// The library's name.
    pub name: String,
    /// The library's version.
    pub version: String,
}

/// A component as the host knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentInfo {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What it does.
    pub summary: String,
    /// What it implements.
    pub references: Vec<String>,
    /// Its options.
    pub options: Vec<OptionInfo>,
}

/// Text being written at compile time; beyond the first `N` bytes it only counts.
#[derive(Debug)]
pub struct Text<const N: usize> {
    /// The bytes.
    pub bytes: [u8; N],
    /// How many there are, or would be.
    pub len: usize,
}

impl<const N: usize> Text<N> {
    const fn byte(mut self, byte: u8) -> Self {
        if self.len < N {
            self.bytes[self.len] = byte;
        }
        self.len += 1;
        self
    }

    const fn raw(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            self = self.byte(bytes[i]);
            i += 1;
        }
        self
    }

    const fn string(mut self, text: &str) -> Self {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let bytes = text.as_bytes();
        self = self.byte(b'"');
        let mut i = 0;
        while i < bytes.len() {
            let byte = bytes[i];
            self = match byte {
                b'"' | b'\\' => self.byte(b'\\').byte(byte),
                0..0x20 => self.raw("\\u00").byte(HEX[(byte >> 4) as usize]).byte(HEX[(byte & 15) as usize]),
                _ => self.byte(byte),
            };
            i += 1;
        }
        self.byte(b'"')
    }

    const fn field(self, name: &str, value: &str) -> Self {
        self.string(name).byte(b':').string(value).byte(b',')
    }

    const fn unsigned(mut self, number: u64) -> Self {
        let mut divisor = 1;
        while number / divisor >= 10 {
            divisor *= 10;
        }
        while divisor > 0 {
            // A decimal digit fits a byte.
            let digit = (number / divisor % 10) as u8;
            self = self.byte(b'0' + digit);
            divisor /= 10;
        }
        self
    }

    const fn integer(self, number: i64) -> Self {
        if number < 0 {
            self.byte(b'-').unsigned(number.unsigned_abs())
        } else {
            self.unsigned(number.unsigned_abs())
        }
    }

    /// Writes a float as a decimal number; the bounds of options have few digits.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::float_cmp,
        reason = "exact by the test that follows each cast"
    )]
    const fn float(self, number: f64) -> Self {
        let (text, magnitude) = if number < 0.0 { (self.byte(b'-'), -number) } else { (self, number) };
        let mut scale = 1_u64;
        let mut digits = 0;
        while digits <= 9 {
            let scaled = magnitude * scale as f64;
            let whole = scaled as u64;
            if scaled < 1e15 && whole as f64 == scaled && whole as f64 / scale as f64 == magnitude {
                return text.unsigned(whole).raw("e-").unsigned(digits);
            }
            scale *= 10;
            digits += 1;
        }
        panic!("the bounds of a float option need at most 15 digits, 9 of them after the point");
    }
}

const fn write_option<const N: usize>(text: Text<N>, option: &OptionSpec) -> Text<N> {
    let text =
        text.byte(b'{').field("name", option.name).field("unit", option.unit).field("help", option.help);
    let text = match option.kind {
        OptionType::Bool => text.field("type", "bool"),
        OptionType::Integer { min, max } => text
            .field("type", "integer")
            .raw("\"min\":")
            .integer(min)
            .raw(",\"max\":")
            .integer(max)
            .byte(b','),
        OptionType::Float { min, max } => {
            let mut text = text.field("type", "float");
            // Beyond any use: no bound.
            if min > -1e15 {
                text = text.raw("\"min\":").float(min).byte(b',');
            }
            if max < 1e15 {
                text = text.raw("\"max\":").float(max).byte(b',');
            }
            text
        }
        OptionType::Text => text.field("type", "text"),
        OptionType::Choice(words) => {
            let mut text = text.field("type", "choice").raw("\"words\":[");
            let mut i = 0;
            while i < words.len() {
                if i > 0 {
                    text = text.byte(b',');
                }
                text = text.string(words[i]);
                i += 1;
            }
            text.raw("],")
        }
        OptionType::Any => text.field("type", "any"),
    };
    match option.default {
        Some(json) => text.raw("\"required\":false,\"default\":").raw(json).byte(b'}'),
        None => text.raw("\"required\":true}"),
    }
}

const fn write_component<const N: usize>(text: Text<N>, kind: Kind, spec: &ComponentSpec) -> Text<N> {
    let mut text = text
        .byte(b'{')
        .field("kind", kind.as_str())
        .field("name", spec.name)
        .field("summary", spec.summary)
        .raw("\"references\":[");
    let mut i = 0;
    while i < spec.references.len() {
        if i > 0 {
            text = text.byte(b',');
        }
        text = text.string(spec.references[i]);
        i += 1;
    }
    text = text.raw("],\"options\":[");
    let mut i = 0;
    while i < spec.options.len() {
        if i > 0 {
            text = text.byte(b',');
        }
        text = write_option(text, &spec.options[i]);
        i += 1;
    }
    text.raw("]}")
}

/// Writes the manifest, with its final zero byte. With `N = 0` nothing is kept and `len` tells the length.
pub const fn render<const N: usize>(library: &LibraryInfo, components: &[(Kind, ComponentSpec)]) -> Text<N> {
    let mut text = Text { bytes: [0; N], len: 0 }
        .raw("{\"format\":")
        .unsigned(FORMAT as u64)
        .raw(",\"generation\":")
        .unsigned(GENERATION as u64)
        .byte(b',')
        .field("abi", VERSION)
        .field("name", library.name)
        .field("version", library.version)
        .field("license", library.license)
        .field("authors", library.authors)
        .field("repository", library.repository)
        .field("sdk", library.sdk)
        .field("rustc", library.rustc)
        .field("arch", std::env::consts::ARCH)
        .field("os", std::env::consts::OS)
        .raw("\"components\":[");
    let mut i = 0;
    while i < components.len() {
        if i > 0 {
            text = text.byte(b',');
        }
        text = write_component(text, components[i].0, &components[i].1);
        i += 1;
    }
    text.raw("]}").byte(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIBRARY: LibraryInfo = LibraryInfo {
        name: "quo\"te\\d",
        version: "1.2.3",
        license: "",
        authors: "Ä\u{1}",
        repository: "",
        sdk: "0.1.0",
        rustc: "rustc 1.95",
    };
    const OPTIONS: &[OptionSpec] = &[
        OptionSpec::integer("i", i64::MIN, i64::MAX, "any").default_value("-7").unit("s"),
        OptionSpec::float("f", -0.125, 1.0, "part").default_value("0.5"),
        OptionSpec::float("g", f64::MIN, 0.000_000_001, "small"),
        OptionSpec::choice("c", &["a", "b"], "which").default_value("\"a\""),
        OptionSpec::bool("b", ""),
        OptionSpec::text("t", ""),
        OptionSpec::any("x", "").default_value("[1, {\"y\": null}]"),
    ];
    const COMPONENTS: &[(Kind, ComponentSpec)] = &[
        (Kind::Mutator, ComponentSpec::new("swap", "swaps").references(&["doi:1", "doi:2"]).options(OPTIONS)),
        (Kind::SearchSpace, ComponentSpec::new("toy", "")),
    ];
    const LEN: usize = render::<0>(&LIBRARY, COMPONENTS).len;
    static BYTES: [u8; LEN] = render::<LEN>(&LIBRARY, COMPONENTS).bytes;

    #[test]
    fn what_is_written_at_compile_time_reads_back_the_same() {
        let (last, text) = BYTES.split_last().unwrap();
        assert_eq!(*last, 0);
        let manifest: Manifest = serde_json::from_slice(text).unwrap();
        assert_eq!(manifest.name, LIBRARY.name);
        assert_eq!(manifest.authors, LIBRARY.authors);
        assert_eq!(manifest.generation, GENERATION);
        assert_eq!(manifest.components.len(), 2);
        let component = &manifest.components[0];
        assert_eq!((component.kind, component.references.len()), (Kind::Mutator, 2));
        for (info, spec) in component.options.iter().zip(OPTIONS) {
            let expected = OptionInfo::from(spec);
            assert_eq!(
                (&info.name, &info.kind, &info.default),
                (&expected.name, &expected.kind, &expected.default)
            );
            assert_eq!(
                (info.required, &info.unit, &info.words),
                (expected.required, &expected.unit, &expected.words)
            );
        }
        assert_eq!(component.options[0].min.as_ref().and_then(serde_json::Number::as_i64), Some(i64::MIN));
        assert_eq!(component.options[1].min.as_ref().and_then(serde_json::Number::as_f64), Some(-0.125));
        assert_eq!(component.options[2].min, None);
        assert_eq!(
            component.options[2].max.as_ref().and_then(serde_json::Number::as_f64),
            Some(0.000_000_001)
        );
    }
}
