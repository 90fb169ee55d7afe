//! Compressed files: there and back, and what is said of damaged ones. Needs the feature `zstd`.

use insta::assert_snapshot;
use lamarck_cache::io::csv::{self, CsvColumns};
use lamarck_cache::io::{compressed, oracle_general};
use lamarck_cache::{Error, SizeRule, Trace, TraceBuilder};

fn trace(records: u64) -> Trace {
    let mut builder = TraceBuilder::new(SizeRule::Refuse);
    for index in 0..records {
        let id = index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52;
        builder.get(id, 100 + id).unwrap();
    }
    builder.finish().unwrap()
}

fn packed(trace: &Trace) -> Vec<u8> {
    let mut file = Vec::new();
    compressed::write(&mut file, compressed::LEVEL, |sink| oracle_general::write(trace, None, sink)).unwrap();
    file
}

fn read(file: &[u8]) -> Result<Trace, Error> {
    oracle_general::read(compressed::reader(file)?, SizeRule::Refuse)
}

/// The message, after its kind.
fn said<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let error = result.unwrap_err();
    format!("{:?}: {error}", error.kind())
}

#[test]
fn oracle_general_there_and_back_compressed_or_not() {
    for records in [0, 1, 50_000] {
        let trace = trace(records);
        let mut plain = Vec::new();
        oracle_general::write(&trace, None, &mut plain).unwrap();
        let file = packed(&trace);
        assert!(records < 100 || file.len() * 2 < plain.len(), "{} {}", file.len(), plain.len());
        for file in [&plain, &file] {
            let back = read(file).unwrap();
            assert_eq!(
                (back.objects(), back.ids(), back.sizes()),
                (trace.objects(), trace.ids(), trace.sizes())
            );
        }
    }
}

#[test]
fn frames_in_a_row_are_one_file() {
    // Split in the middle of a record, as tools that compress in blocks do.
    let trace = trace(1000);
    let mut plain = Vec::new();
    oracle_general::write(&trace, None, &mut plain).unwrap();
    let frames: Vec<u8> = plain
        .chunks(10_001)
        .flat_map(|part| {
            let mut frame = Vec::new();
            compressed::write(&mut frame, 1, |sink| Ok(sink.write_all(part)?)).unwrap();
            frame
        })
        .collect();
    assert_eq!(read(&frames).unwrap().objects(), trace.objects());
}

#[test]
fn csv_there_and_back_compressed() {
    let columns = CsvColumns { op: Some("op".to_owned()), ..CsvColumns::default() };
    let mut file = Vec::new();
    let trace = trace(300);
    compressed::write(&mut file, 3, |sink| csv::write(&trace, &[], sink)).unwrap();
    let back = csv::read_from(compressed::reader(&file[..]).unwrap(), &columns, SizeRule::Refuse).unwrap();
    assert_eq!((back.trace.objects(), back.trace.ids()), (trace.objects(), trace.ids()));
}

#[test]
fn what_is_said_of_damaged_files() {
    // Two frames, the second of which lacks its end: the first's 400 records are there, and 16 bytes of the next.
    let mut plain = Vec::new();
    oracle_general::write(&trace(800), None, &mut plain).unwrap();
    let mut file = Vec::new();
    for part in plain.chunks(400 * 24 + 16) {
        compressed::write(&mut file, 1, |sink| Ok(sink.write_all(part)?)).unwrap();
    }
    let first = {
        let mut frame = Vec::new();
        compressed::write(&mut frame, 1, |sink| Ok(sink.write_all(&plain[..400 * 24 + 16])?)).unwrap();
        frame.len()
    };
    assert_snapshot!(said(read(&file[..first + 9])), @"Io: record 401: cannot be read, or the compressed file is damaged or cut: incomplete frame");
    // A whole frame whose content ends inside a record.
    assert_snapshot!(said(read(&file[..first])), @"Format: record 401: the file ends after 16 of its 24 bytes; it is truncated, or no oracleGeneral file");
    let mut damaged = packed(&trace(800));
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x55;
    assert_snapshot!(said(read(&damaged)), @"Io: record 1: cannot be read, or the compressed file is damaged or cut: Restored data doesn't match checksum");
    assert_eq!(read(&[0x28, 0xb5]).unwrap_err().kind(), lamarck_cache::ErrorKind::Format);
    // Compressed and not decompressed.
    assert_snapshot!(said(oracle_general::read(&packed(&trace(2))[..], SizeRule::Refuse)), @"Format: record 1: its next access is said to be record 2782863929901567, which is no later one; the records do not begin at multiples of 24 bytes, or this is no oracleGeneral file");
    let columns = CsvColumns::default();
    let csv = |bytes: &[u8]| said(csv::read_from(bytes, &columns, SizeRule::Refuse));
    assert_snapshot!(csv(b"id,size\n1,2\n\xff,3\n"), @"Format: record 2: the text is not UTF-8; it is damaged, compressed in an unknown way, or no CSV");
    assert_snapshot!(csv(&packed(&trace(2))), @"Format: record 0: the text is not UTF-8; it is damaged, compressed in an unknown way, or no CSV");
}
