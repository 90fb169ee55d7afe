//! Reads a plugin's manifest out of the file, without the loader.
//!
//! The loader maps a file and runs its start-up code; given a file that was cut short it dies with a signal, and
//! given one for another machine it says "no such file". Read as data, both are plain errors. Only the headers, the
//! symbol table and the manifest's own bytes are read, so a listing does not pay for megabytes of code.

use super::error::HostError;
use lamarck_abi::manifest::{FORMAT, Manifest, ManifestHead};
use lamarck_abi::{GENERATION, MANIFEST_SYMBOL, VERSION};
use object::{Architecture, Object, ObjectSection, ObjectSymbol, ReadCache, ReadRef};
use std::fs::File;
use std::path::Path;

/// A manifest is some kilobytes; a claim of more than this is damage.
const LONGEST_MANIFEST: u64 = 4 << 20;

/// Reads and checks a manifest: machine, generation and version must be ours.
pub fn manifest(path: &Path) -> Result<Manifest, HostError> {
    let file = File::open(path).map_err(|source| HostError::Unreadable { path: path.to_owned(), source })?;
    let metadata =
        file.metadata().map_err(|source| HostError::Unreadable { path: path.to_owned(), source })?;
    if !metadata.is_file() {
        let source = std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file");
        return Err(HostError::Unreadable { path: path.to_owned(), source });
    }
    manifest_of(path, &ReadCache::new(file), metadata.len())
}

/// The same of a file whose bytes are in memory; the path is for messages.
pub fn manifest_in(path: &Path, bytes: &[u8]) -> Result<Manifest, HostError> {
    manifest_of(path, bytes, bytes.len() as u64)
}

fn manifest_of<'data, R: ReadRef<'data>>(path: &Path, data: R, length: u64) -> Result<Manifest, HostError> {
    let damaged = |reason: String| HostError::Damaged { path: path.to_owned(), reason };
    let file = object::File::parse(data).map_err(|error| damaged(error.to_string().to_lowercase()))?;
    check_machine(path, &file)?;
    // Reading every section header's range proves that the file is whole: a file that was cut short keeps its
    // symbol table's place but not its end.
    for section in file.sections() {
        if let Some((start, size)) = section.file_range()
            && start.checked_add(size).is_none_or(|end| end > length)
        {
            return Err(damaged("it ends in the middle of a section".into()));
        }
    }
    let text =
        text(&file).map_err(damaged)?.ok_or_else(|| HostError::NotAPlugin { path: path.to_owned() })?;
    parse(path, &text)
}

fn check_machine<'data, R: ReadRef<'data>>(
    path: &Path,
    file: &object::File<'data, R>,
) -> Result<(), HostError> {
    let found = match file.architecture() {
        Architecture::X86_64 => "x86_64",
        Architecture::Aarch64 => "aarch64",
        Architecture::I386 => "x86",
        Architecture::Arm => "arm",
        Architecture::Riscv64 => "riscv64",
        Architecture::S390x => "s390x",
        Architecture::PowerPc64 => "powerpc64",
        Architecture::LoongArch64 => "loongarch64",
        _ => "another kind of machine",
    };
    let system = match file.format() {
        object::BinaryFormat::Elf => "",
        object::BinaryFormat::MachO => " (macOS)",
        object::BinaryFormat::Pe => " (Windows)",
        _ => " (unknown format)",
    };
    let ours = if cfg!(target_os = "macos") {
        " (macOS)"
    } else if cfg!(windows) {
        " (Windows)"
    } else {
        ""
    };
    let expected = std::env::consts::ARCH;
    if found == expected && system == ours {
        return Ok(());
    }
    Err(HostError::WrongMachine {
        path: path.to_owned(),
        found: format!("{found}{system}"),
        expected: format!("{expected}{ours}"),
    })
}

/// The bytes of the manifest symbol up to its zero byte, if there is one.
fn text<'data, R: ReadRef<'data>>(file: &object::File<'data, R>) -> Result<Option<Vec<u8>>, String> {
    let wanted = |name: &[u8]| name.strip_prefix(b"_").unwrap_or(name) == MANIFEST_SYMBOL.as_bytes();
    let symbol = file
        .dynamic_symbols()
        .chain(file.symbols())
        .find(|symbol| symbol.is_definition() && symbol.name_bytes().is_ok_and(wanted));
    let Some(symbol) = symbol else { return Ok(None) };
    let address = symbol.address();
    let section = symbol
        .section_index()
        .and_then(|index| file.section_by_index(index).ok())
        .ok_or("the manifest is in no section")?;
    // ELF knows the symbol's size; elsewhere the text runs to its zero byte.
    let size = match symbol.size() {
        // A damaged header may claim a section that ends beyond all addresses.
        0 => section.address().saturating_add(section.size()).saturating_sub(address),
        size => size,
    };
    if size > LONGEST_MANIFEST && symbol.size() != 0 {
        return Err(format!("the manifest claims {size} bytes"));
    }
    let bytes = section
        .data_range(address, size)
        .map_err(|error| error.to_string().to_lowercase())?
        .ok_or("the manifest lies outside its section")?;
    let end = bytes.iter().position(|&byte| byte == 0).ok_or("the manifest has no end")?;
    Ok(Some(bytes[..end].to_vec()))
}

fn parse(path: &Path, text: &[u8]) -> Result<Manifest, HostError> {
    let unclear = |reason: String| HostError::Manifest { path: path.to_owned(), reason };
    // The head first: it keeps its form in every format, so that a newer library is told from a damaged one.
    let head: ManifestHead = serde_json::from_slice(text).map_err(|error| unclear(error.to_string()))?;
    if head.generation != GENERATION {
        let path = path.to_owned();
        return Err(HostError::WrongGeneration { path, found: head.generation, expected: GENERATION });
    }
    if head.format != FORMAT {
        return Err(unclear(format!(
            "it has format {}, and this lamarck reads format {FORMAT}",
            head.format
        )));
    }
    if !compatible(&head.abi) {
        let path = path.to_owned();
        return Err(HostError::WrongVersion { path, found: head.abi, expected: VERSION.to_owned() });
    }
    serde_json::from_slice(text).map_err(|error| unclear(error.to_string()))
}

/// Whether a library built against this version of the abi crate can pass the layout check.
fn compatible(found: &str) -> bool {
    let (Ok(found), Ok(ours)) = (semver::Version::parse(found), semver::Version::parse(VERSION)) else {
        return false;
    };
    found.major == ours.major && (ours.major > 0 || found.minor == ours.minor)
}

// The files are of Linux; on another machine they are refused before they are read.
#[cfg(all(test, target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests {
    use super::*;
    /// An ELF file of this machine with a symbol table and the manifest's symbol in a section of its own, at whose
    /// place, size and address it may lie.
    fn library(symbol: [u64; 2], address: u64, text: &[u8]) -> Vec<u8> {
        let names = [b"\0", MANIFEST_SYMBOL.as_bytes(), b"\0"].concat();
        let machine: u16 = if cfg!(target_arch = "aarch64") { 183 } else { 62 };
        let (header, section) = (64_u64, 64_u64);
        let names_at = header + 4 * section;
        let symbols_at = names_at + names.len() as u64;
        let text_at = symbols_at + 48;
        let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        let half = |file: &mut Vec<u8>, values: &[u16]| {
            file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        };
        let word = |file: &mut Vec<u8>, values: &[u32]| {
            file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        };
        let long = |file: &mut Vec<u8>, values: &[u64]| {
            file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        };
        half(&mut file, &[1, machine]);
        word(&mut file, &[1]);
        long(&mut file, &[0, 0, header]);
        word(&mut file, &[0]);
        half(&mut file, &[64, 0, 0, 64, 4, 1]);
        // Nothing, the names, the symbols, the text: name, type; flags, address, place, size; link, info; alignment, entry.
        for (kind, address, at, size, link, entry) in [
            (0, 0, 0, 0, 0, 0),
            (3, 0, names_at, names.len() as u64, 0, 0),
            (2, 0, symbols_at, 48, 1, 24),
            (1, address, text_at, text.len() as u64, 0, 0),
        ] {
            word(&mut file, &[0, kind]);
            long(&mut file, &[2, address, at, size]);
            word(&mut file, &[link, 1]);
            long(&mut file, &[1, entry]);
        }
        file.extend(names);
        long(&mut file, &[0; 3]);
        // The symbol: its name, a global object, its section, address and size.
        word(&mut file, &[1]);
        half(&mut file, &[0x11, 3]);
        long(&mut file, &symbol);
        file.extend(text);
        file
    }

    fn error(bytes: &[u8]) -> HostError {
        manifest_in(Path::new("libplugin.so"), bytes).unwrap_err()
    }

    #[test]
    fn no_address_in_a_header_is_believed() {
        // The text is found, whether the symbol says how long it is or not.
        for size in [3, 0] {
            let found = error(&library([0x10, size], 0x10, b"{}\0"));
            assert!(matches!(found, HostError::Manifest { .. }), "{found}");
        }
        // A section that ends beyond 2^64, whose end would overflow.
        for (symbol, address) in [([u64::MAX, 0], u64::MAX), ([8, 0], u64::MAX - 1), ([0, u64::MAX], 0)] {
            let found = error(&library(symbol, address, b"{}\0"));
            assert!(matches!(found, HostError::Damaged { .. }), "{found}");
        }
    }
}
